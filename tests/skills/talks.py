"""A small home, and a conversation in it to which intents can be put as if they were said."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from manual_clock import BERLIN, ManualClock
from understandings import another

from assistant.config import SafetySettings, Settings
from assistant.conversation import Conversation
from assistant.home.commands.expectations import Plan
from assistant.home.commands.plan import plan
from assistant.home.devices import Device, Features
from assistant.home.model import Home
from assistant.later import Later
from assistant.replies import Replies
from assistant.schedule.entries import Ring
from assistant.schedule.schedule import Schedule
from assistant.schedule.sun import Place
from assistant.store.database import Database
from assistant.tasks import Tasks
from assistant.types import Action, ActionResult, Intent, Request, Status, Turn, Understood
from assistant.understanding.understanding import Understanding

WEDNESDAY = dt.datetime(2026, 11, 4, 10, 0, tzinfo=BERLIN)

DEVICES = (
    Device("lamp", "Lamp", "light", features=Features(brightness=True)),
    Device("fan", "Fan", "fan"),
    Device("front", "Front door", "lock"),
    Device(
        "heating",
        "Heating",
        "climate",
        features=Features(temperature=(5, 30), modes=("off", "heat")),
    ),
    Device("blinds", "Blinds", "cover", device_class="blind", features=Features(position=True)),
    Device("garage", "Garage door", "cover", device_class="garage"),
    Device("tv", "TV", "media_player"),
)
STATES: dict[str, dict[str, Any]] = {
    "lamp": {"power": "on", "brightness_pct": 60},
    "fan": {"power": "off"},
    "front": {"lock": "unlocked"},
    "heating": {"hvac_mode": "off", "temperature": 18},
    "blinds": {"cover": "closed", "position": 0},
    "garage": {"cover": "closed"},
    "tv": {"media": "playing", "muted": False, "volume_pct": 30},
}


@functools.cache
def understanding(language: str) -> Understanding:
    """Made once: sentences of a language take their time."""
    return Understanding(Home(DEVICES), language)


class Talk:
    """Devices do at once as they are told; all that is said and rung is kept."""

    def __init__(
        self,
        path: Path | None = None,
        language: str = "en",
        clock: ManualClock | None = None,
        **options: Any,
    ) -> None:
        """With a `clock` the home goes on as it is."""
        self.understanding = another(understanding(language))
        self.home = self.understanding._home
        for device, state in STATES.items() if clock is None else ():
            self.home.update_state(device, dict(state))
        self.settings = Settings()
        self.told: list[str] = []
        self.said: list[str] = []
        self.asked: list[str] = []
        self.attended = False
        """Whether somebody is there to answer what is asked when a command is due."""
        self.clock = clock or ManualClock(WEDNESDAY)
        self.schedule = Schedule(
            Database.open(path), self.clock, **{"place": Place(52.52, 13.4), **options}
        )
        self.rang: list[Ring] = []
        self.language = language
        self.tasks = Tasks()
        self.later = Later(
            self,
            self.tasks,
            self.said.append,
            self._ask,
            "default",  # type: ignore[arg-type]
        )
        self.schedule.attend(self.rang.append, on_command=self.later.on_command)
        self.intents: tuple[Intent, ...] = ()
        self._read = self.understanding.understand
        self.understanding.understand = self._understand  # type: ignore[method-assign]
        self._conversation = Conversation(
            understanding=self.understanding, replies=Replies(language), home=self.home, bus=self,
            schedule=self.schedule, clock=self.clock, safety=SafetySettings(),
        )  # fmt: skip
        self.connected = True

    async def _understand(self, text: str, **about: Any) -> Understood:
        if text == "the intents":
            return Understood(self.intents)
        return await self._read(text, **about)

    def _ask(self, question: str, still_open: Callable[[], bool], left: Callable[[], None]) -> bool:
        if self.attended:
            self.asked.append(question)
            assert still_open()
        return self.attended

    def conversation(self, language: str = "en") -> Conversation:
        return self._conversation

    def observe(self, event: object) -> None:
        """As `Household.observe`."""

    async def perform(self, actions: Sequence[Action]) -> tuple[ActionResult, ...]:
        for action in actions:
            data = ", ".join(f"{key}={value}" for key, value in action.data.items())
            self.told.append(f"{action.service} {action.device} {data}".rstrip())
            planned = plan(self.home.devices[action.device], action, self.home.state(action.device))
            assert isinstance(planned, Plan), (action, planned)
            self.home.update_state(action.device, dict(planned.state))
        return tuple(ActionResult(action, Status.CONFIRMED) for action in actions)

    async def want(self, intent: str, /, **slots: Any) -> Turn:
        """What comes of an intent."""
        self.intents = (Intent(intent, slots),)
        return await self.say("the intents")

    async def say(self, text: str) -> Turn:
        return await self._conversation.ask(Request(text, area=None))

    async def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.schedule.poll()
        await self.finish()

    async def finish(self) -> None:
        """Wait until all commands that were due are done."""
        for task in tuple(self.tasks._running):
            await task

    def restarted(self, path: Path) -> Talk:
        """After a crash: nothing was said good-bye to."""
        self.schedule._database.close()
        return Talk(path, self.language, self.clock)

    def due(self) -> list[str]:
        return [f"{later.due:%Y-%m-%d %H:%M}" for later in self.schedule.commands()]
