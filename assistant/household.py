"""The half of the assistant without sound: broker, devices, timers, understanding, replies."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from assistant.clock import SystemClock, boot_id, wall_clock_is_set
from assistant.config import Settings
from assistant.conversation import Conversation
from assistant.dialogue.routine_check import RoutineCheck
from assistant.errors import (
    HomeFileError,
    ScheduleError,
    StoreError,
)
from assistant.events import Event, Observer, Stage, StageEvent
from assistant.home.dwelling import Dwelling
from assistant.home.file.entries import nearest
from assistant.home.model import Home
from assistant.home.mqtt.bus import MqttBus
from assistant.home.pin import HIDDEN, PinGuard
from assistant.home.simulator import Simulator
from assistant.knowledge.knowledge import Knowledge
from assistant.llm.loading import LanguageModelLoader
from assistant.llm.tier import LanguageModelTier
from assistant.models import ModelStore
from assistant.paths import data_directory
from assistant.replies import Replies
from assistant.schedule.schedule import Ring, Schedule
from assistant.schedule.sun import Place
from assistant.skills.context import Loudspeaker
from assistant.store.database import Database
from assistant.store.kept import Kept
from assistant.store.opening import open_database
from assistant.types import Request, Turn
from assistant.understanding.language import available_languages, closest
from assistant.understanding.own import ACTIONS, Own, load_own
from assistant.understanding.understanding import Understanding

_LOG = logging.getLogger(__name__)
_FRESHNESS_S = 0.5


class Household:
    """Everything a typed request needs, in whichever home it is for.

    With `home_file` it lives in that home, simulated on an embedded broker; else in the home of
    the configured broker; else in the demo home. `dry` sends nothing and, where devices would be
    simulated, connects to nothing. `scratch` keeps timers in memory alone. A `patient` one waits
    for a language model that is still loading, another says that it is. Without `templates` the
    language model has to understand everything: for evaluations.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        home_file: Path | None = None,
        dry: bool = False,
        scratch: bool = False,
        patient: bool = True,
        templates: bool = True,
        observers: tuple[Observer, ...] = (),
    ) -> None:
        self.settings = settings
        self.home = Home()
        self.clock = SystemClock()
        self.models = ModelStore.from_settings(settings)
        self.language = settings.language
        self.observers: list[Observer] = list(observers)
        self.on_refresh: list[Callable[[], None]] = []
        """Called after the sentences were rebuilt for a changed home."""
        self.speaks: Callable[[], bool] = lambda: False
        """Whether what is to be announced can be heard; the daemon knows."""
        self._dwelling = Dwelling(
            self.home,
            settings.mqtt,
            file=Path(settings.home).expanduser() if settings.home else None,
            simulate=home_file,
            clock=self.clock,
            tell=self.notice,
        )
        self.trouble = ""
        """What is wrong with the database: `began_anew`, `unwritable`, or nothing."""
        self._schedule: Schedule | None = None
        self._kept: Kept | None = None
        self._dry = dry
        self._scratch = scratch
        self._templates = templates
        self._home_path = home_file
        self._database: Database | None = None
        self._conversations: dict[str, Conversation] = {}
        self._pin_guard = PinGuard(settings.safety.pin, self.clock)
        self.llm = LanguageModelLoader(
            self.models, settings, self.home, tell=self.notice, patient=patient
        )
        folder = settings.knowledge.folder
        self._knowledge = Knowledge(
            Path(folder).expanduser(), None if scratch else data_directory() / "knowledge.db",
            tell=self.notice,
        ) if folder else None  # fmt: skip
        self._freshness: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self._area_complained = False
        self._routine_check = RoutineCheck(
            self.home, lambda mistake: self.notice(mistake, logging.WARNING)
        )

    def observe(self, event: Event) -> None:
        """Tell every observer; of a PIN or a code that is just being said, no word."""
        spoken = isinstance(event, StageEvent) and event.stage in (Stage.PARTIAL, Stage.HEARD)
        if spoken and any(talk.expects_secret() for talk in self._conversations.values()):
            event = dataclasses.replace(event, text=HIDDEN)
        for observer in tuple(self.observers):
            observer(event)

    def notice(self, sentence: str, level: int = logging.INFO) -> None:
        """Tell the person at the terminal, and the log, something that is not part of a turn."""
        _LOG.log(level, "%s", sentence)
        self.observe(StageEvent(Stage.NOTICE, sentence))

    @property
    def schedule(self) -> Schedule:
        """Timers and alarms; there once the household has started."""
        if self._schedule is None:
            raise ScheduleError("The timers are not loaded yet.")
        return self._schedule

    @property
    def kept(self) -> Kept:
        """What is remembered across restarts; there once the household has started."""
        if self._kept is None:
            raise StoreError("The database is not open yet.")
        return self._kept

    @property
    def broker_port(self) -> int | None:
        """The embedded broker's port on loopback; None where a configured broker is used."""
        return self._dwelling.broker_port

    @property
    def simulated(self) -> bool:
        """Whether the devices are simulated ones on an embedded broker."""
        return self._dwelling.simulated

    @property
    def bus(self) -> MqttBus:
        """The way to the devices."""
        return self._dwelling.bus

    @property
    def simulator(self) -> Simulator | None:
        """The simulated devices; None in a real home."""
        return self._dwelling.simulator

    async def start(
        self,
        on_ring: Callable[[Ring], None] | None = None,
        on_quiet: Callable[[Ring], None] = lambda ring: None,
        on_command: Callable[[Ring], None] = lambda ring: None,
        on_sound: Callable[[Ring, bool], None] | None = None,
    ) -> None:
        """Connect, find the devices, load timers and sentences.

        Without `on_ring` timers can be set and asked for, but do not run here, and the broker is
        not told that the assistant is there.

        Raises `AssistantError` for what cannot work at all: a wrong home file, a database in use
        by another assistant. An absent broker is waited for in the background.
        """
        self.language = (
            await self._dwelling.start(dry=self._dry, guest=on_ring is None) or self.language
        )
        self._schedule = await self._open_schedule()
        self._dwelling.on_routines = self._take_routines
        self._take_routines()
        if on_ring is not None:
            await self._schedule.start(on_ring, on_quiet, on_command, on_sound)
        await (await self._made(self.language)).understanding.refresh()
        self._check_area()
        await self._routine_check.look(self.conversation().understanding)
        if self._knowledge is not None:
            self._knowledge.start()
        self._freshness = asyncio.create_task(self._keep_fresh(), name="freshness")
        self._ready.set()

    async def ready(self) -> None:
        """Wait until `start` is through: a conversation begun before would miss the devices."""
        await self._ready.wait()

    async def stop(self) -> None:
        """Stop in the opposite order; nothing is lost."""
        if self._freshness is not None:
            self._freshness.cancel()
        await self.llm.close()
        if self._knowledge is not None:
            await self._knowledge.close()
        if self._schedule is not None:
            await self._schedule.stop()
        if self._database is not None:
            self._database.close()
        await self._dwelling.stop()

    def conversation(self, language: str | None = None) -> Conversation:
        """The conversation held in `language`, made when first asked for."""
        language = language or self.language
        key = _canonical(language)
        if key not in self._conversations:
            self._conversations[key] = self._new_conversation(language)
        return self._conversations[key]

    async def _made(self, language: str) -> Conversation:
        """The conversation held in `language`; what it needs is loaded off the loop."""
        key = _canonical(language)
        if key not in self._conversations:
            made = await asyncio.to_thread(self._new_conversation, language)
            self._conversations.setdefault(key, made)
        return self._conversations[key]

    def _new_conversation(self, language: str) -> Conversation:
        own = self._own_sentences(language)
        own_language = _canonical(language) == _canonical(self.language)
        thinks = self.settings.llm.enabled and own_language
        return Conversation(
            understanding=Understanding(self.home, language, extra_sentences=own.files),
            replies=Replies(language),
            home=self.home,
            bus=self.bus,
            schedule=self._schedule,
            clock=self.clock,
            safety=self.settings.safety,
            dialogue=self.settings.dialogue,
            language_model=self.language_model if thinks else None,
            observer=self.observe,
            own=own.intents,
            pin_guard=self._pin_guard,
            knowledge=self._knowledge,
            templates=self._templates,
            loudspeaker=self._loudspeaker,
        )

    def _loudspeaker(self) -> Loudspeaker | None:
        return Loudspeaker(self.area_id(None)) if self.speaks() else None

    def _own_sentences(self, language: str) -> Own:
        """The user's own; what is wrong with them goes to the terminal and the log."""
        folder = self.settings.sentences
        own = load_own(Path(folder).expanduser(), language) if folder else Own()
        for mistake in own.mistakes:
            left = "This action" if mistake.path.name == ACTIONS else "This file"
            self.notice(f"{mistake} {left} is left out.", logging.WARNING)
        return own

    async def ask(self, request: Request) -> Turn:
        """The turn that a request leads to, once started.

        Raises `HomeFileError` for an unknown area, `ConfigError` for a language without sentences.
        """
        await self.ready()
        language = request.language or self.language
        talk = await self._made(language)
        await talk.understanding.refresh()
        turn = await talk.ask(self.located(request))
        if self.settings.voice.replies == "explain" and turn.intents:
            told = f"{turn.reply} {talk.replies.explained(turn, self.home)}"
            turn = dataclasses.replace(turn, reply=told.strip())
        talk.replies.vary()
        return turn

    def located(self, request: Request) -> Request:
        """The request with its area's id. Raises `HomeFileError` for an unknown area."""
        area, dry_run = self.area_id(request.area), request.dry_run or self._dry
        return dataclasses.replace(request, area=area, dry_run=dry_run)

    def nothing_heard(self, language: str | None = None) -> Turn:
        """The turn of a recording in which nobody speaks."""
        replies = self.conversation(language).replies
        return Turn(
            id="", text="", language=replies.language, area=None, tier=None, intents=(),
            results=(), reply=replies.render("nothing_heard"), failed=True,
        )  # fmt: skip

    async def language_model(self) -> LanguageModelTier | None:
        """The language model's tier, as `LanguageModelLoader.get` gives it."""
        return await self.llm.get()

    def summary(self) -> str:
        """One sentence on where the assistant is, once it has started."""
        if not self._dry and not self.bus.connected:
            fault = self.bus.fault or f"the MQTT broker at {self.settings.mqtt.host} is silent"
            return f"Ready, but without devices: {fault}. Trying again until it works."
        count, rooms = len(self.home.devices), len(self.home.areas)
        where = "in the demo home" if self.simulated else f"on {self.settings.mqtt.host}"
        if self._home_path is not None:
            where = f"in the simulated home {self._home_path}"
        return f"Ready: {count} devices in {rooms} rooms {where}."

    def picture(self) -> dict[str, object]:
        """The home as plain values: its file, areas, floors, devices with state."""
        home, path = self.home, self._dwelling.path
        return {
            "file": str(path.absolute()) if path else "",
            "routines": [
                {"name": r.phrase, "commands": r.text, "origin": r.origin}
                for r in (self._schedule.routines.all() if self._schedule else ())
            ],
            "floors": [{"id": f.id, "name": f.name} for f in home.floors.values()],
            "areas": [
                {"id": a.id, "name": a.name, "aliases": list(a.names[1:]), "floor": a.floor}
                for a in home.areas.values()
            ],
            "devices": [
                {
                    "id": d.id, "name": d.name, "aliases": list(d.names[1:]), "type": d.type,
                    "device_class": d.device_class, "area": d.area, "exposed": d.exposed,
                    "hidden": d.hidden, "members": list(d.members), "virtual": d.virtual,
                    "hardware": d.hardware, "commandable": d.commandable,
                    "unit": d.features.unit,
                    "available": home.available(d.id), "state": dict(home.state(d.id)),
                }
                for d in home.devices.values()
            ],
        }  # fmt: skip

    def area_id(self, name: str | None) -> str | None:
        """The id of a room, or of this one for None. Raises `HomeFileError` for an unknown room."""
        wanted = name or self.settings.area
        if not wanted:
            return None
        area = self.home.area_named(wanted)
        if area is None and name:
            raise HomeFileError(self._no_room(name))
        return area.id if area else None

    def _no_room(self, name: str) -> str:
        rooms = [area.name for area in self.home.areas.values()]
        return f'There is no room "{name}" in this home; {nearest(name, rooms)}'

    def _check_area(self) -> None:
        """Say, once, that the microphone's room is not in a home whose devices are known."""
        name = self.settings.area
        known = not name or not self.home.devices or self.home.area_named(name) is not None
        if not known and not self._area_complained:
            self.notice(f"{self._no_room(name)} Correct the setting area.", logging.WARNING)
        self._area_complained = not known

    def _take_routines(self) -> None:
        self._routine_check.take(self._dwelling.file, self.schedule.routines)

    async def _open_schedule(self) -> Schedule:
        path = None if self._scratch else data_directory() / "assistant.db"
        database, self.trouble = await asyncio.to_thread(open_database, path)
        self._database = database
        if self.trouble:
            where = f" ({database.damaged})" if database.damaged else ""
            told = Replies(self.language).render(f"errors.{self.trouble}")
            self.notice(f"{told}{where}", logging.ERROR)
        self._kept = Kept(database)
        settings, place = self.settings, None
        latitude, longitude = settings.place.latitude, settings.place.longitude
        if latitude is not None and longitude is not None:
            place = Place(latitude, longitude)
        return Schedule(
            database, self.clock, settings.schedule.ring_timeout_s,
            missed_after_s=settings.schedule.missed_after_s, place=place,
            routines=settings.routines, boot=boot_id(), is_set=wall_clock_is_set,
            own_sounds=settings.schedule.sounds,
        )  # fmt: skip

    async def _keep_fresh(self) -> None:
        """Rebuild sentences when devices come, go or change their names."""
        version, checked = self.home.version, self.home.version
        while True:
            await asyncio.sleep(_FRESHNESS_S)
            if self.home.version == version:
                if checked != version:
                    checked = version
                    self._check_area()
                    self._routine_check.due = True
                if self._routine_check.due:
                    await self._routine_check.look(self.conversation().understanding)
                continue
            version = self.home.version
            for conversation in tuple(self._conversations.values()):
                await conversation.understanding.refresh()
            for listener in tuple(self.on_refresh):
                listener()
            await self.llm.home_changed()


@lru_cache(maxsize=64)
def _canonical(language: str) -> str:
    """One spelling for "de", "DE" and "de_DE"."""
    return closest(language, available_languages()) or language
