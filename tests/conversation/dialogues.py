"""A home in which everything obeys at once, for what is said there one after the other."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from manual_clock import ManualClock

from assistant.config import SafetySettings
from assistant.conversation import Conversation
from assistant.home.commands.expectations import Plan
from assistant.home.commands.plan import plan
from assistant.home.devices import Area, Device, Features, Floor
from assistant.home.model import Home
from assistant.replies import Replies
from assistant.schedule.schedule import Schedule
from assistant.store.database import Database
from assistant.types import Action, ActionResult, Request, Status, Turn
from assistant.understanding.understanding import Understanding

_LIGHT = Features(brightness=True, color=True, color_temp=(2000, 6500))


def _names(**names: str) -> tuple[tuple[str, str], ...]:
    return tuple(names.items())


_FLOORS = [
    Floor("ground", "Ground floor", local_names=_names(de="Erdgeschoss", zh="一楼", ko="일층")),
    Floor("top", "Upstairs", local_names=_names(de="Obergeschoss", zh="楼上", ko="위층")),
]
_AREAS = [
    Area("living", "Living room", "ground",
         local_names=_names(de="Wohnzimmer", zh="客厅", ko="거실")),
    Area("kitchen", "Kitchen", "ground", local_names=_names(de="Küche", zh="厨房", ko="부엌")),
    Area("bedroom", "Bedroom", "top", local_names=_names(de="Schlafzimmer", zh="卧室", ko="침실")),
]  # fmt: skip
_DEVICES = [
    Device("reading", "Reading lamp", "light", "living", features=_LIGHT,
           local_names=_names(de="Leselampe", zh="阅读灯", ko="독서등")),
    Device("floor", "Floor lamp", "light", "living", features=_LIGHT,
           local_names=_names(de="Stehlampe", zh="落地灯", ko="스탠드")),
    Device("hob", "Hob light", "light", "kitchen", features=_LIGHT,
           local_names=_names(de="Herdlicht", zh="灶台灯", ko="조리등")),
    Device("bed", "Bedside lamp", "light", "bedroom", features=_LIGHT,
           local_names=_names(de="Nachttischlampe", zh="床头灯", ko="침대등")),
    Device("fan", "Fan", "fan", "living", features=Features(percentage=True),
           local_names=_names(de="Ventilator", zh="风扇", ko="선풍기")),
    Device("left", "Left blind", "cover", "living", device_class="blind",
           features=Features(position=True),
           local_names=_names(de="linke Jalousie", zh="左百叶窗", ko="왼쪽 블라인드")),
    Device("right", "Right blind", "cover", "living", device_class="blind",
           features=Features(position=True),
           local_names=_names(de="rechte Jalousie", zh="右百叶窗", ko="오른쪽 블라인드")),
    Device("front", "Front door", "lock", "kitchen",
           local_names=_names(de="Haustür", zh="前门", ko="현관문")),
    Device("back", "Back door", "lock", "kitchen",
           local_names=_names(de="Hintertür", zh="后门", ko="뒷문")),
    Device("heating", "Heating", "climate", "living",
           features=Features(temperature=(5, 30), modes=("off", "heat"), unit="°C"),
           local_names=_names(de="Heizung", zh="暖气", ko="난방")),
    Device("party", "Party", "scene", local_names=_names(de="Party", zh="派对", ko="파티")),
]  # fmt: skip
_STATES: dict[str, dict[str, str | int]] = {
    **{lamp: {"power": "off", "brightness_pct": 50} for lamp in ("reading", "floor", "hob", "bed")},
    "fan": {"power": "off", "percentage": 50},
    **{blind: {"cover": "open", "position": 100} for blind in ("left", "right")},
    "front": {"lock": "unlocked"},
    "back": {"lock": "locked"},
    "heating": {"hvac_mode": "heat", "temperature": 20, "current_temperature": 19},
}

HOME = Home(_DEVICES, _AREAS, _FLOORS)
_replies = functools.cache(Replies)


@functools.cache
def _understanding(language: str) -> Understanding:
    return Understanding(HOME, language)


class Talk:
    """Somebody talks in the home, and it is known what the devices were told."""

    connected = True

    def __init__(self, language: str = "en") -> None:
        self.told: list[str] = []
        self.clock = ManualClock()
        self.schedule = Schedule(Database.open(None), self.clock)
        for device, state in _STATES.items():
            for key in HOME.state(device).keys() - state.keys():
                HOME.forget_state(device, key)
            HOME.update_state(device, state)
        self.conversation = Conversation(
            understanding=_understanding(language), replies=_replies(language), home=HOME, bus=self,
            schedule=self.schedule, clock=self.clock, safety=SafetySettings(),
        )  # fmt: skip

    async def perform(self, actions: Sequence[Action]) -> tuple[ActionResult, ...]:
        """`DeviceBus.perform`: what a device can do it has done."""
        results = []
        for action in actions:
            device = HOME.devices[action.device]
            planned = plan(device, action, HOME.state(device.id))
            if isinstance(planned, Plan):
                HOME.update_state(device.id, planned.state)
                said = "".join(f" {value}" for value in action.data.values())
                self.told.append(f"{action.service.partition('.')[2]} {device.id}{said}")
            status = Status.CONFIRMED if isinstance(planned, Plan) else Status.REFUSED
            results.append(ActionResult(action, status))
        return tuple(results)

    async def say(self, text: str, area: str | None = None, who: str = "hall") -> Turn:
        self.told.clear()
        return await self.conversation.ask(Request(text, area=area, conversation=who))
