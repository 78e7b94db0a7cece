"""The sentences phase of `assistant bench`: understanding beside plain hassil, in one run."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from assistant.home.devices import Device
from assistant.home.model import Home

if TYPE_CHECKING:
    from hassil.intents import Intents, SlotList

SIZES = (12, 100, 1000)
"""Devices in the homes that are tried."""

_COUNT, _REPAIRS = 400, 60
_SAID: Mapping[str, tuple[str, ...]] = {
    "light": (
        "turn on the {name}", "turn off {name}", "set the {name} to forty percent",
        "turn on the lights in the {area}", "set {area} brightness to 70%",
        "make the {name} red",
    ),
    "switch": ("turn on the {name}", "turn off the {name}"),
    "fan": ("turn on the {name}", "set the {name} speed to 50 percent"),
    "cover": ("open the {name}", "close the {name}", "close the blinds in the {area}"),
    "climate": ("set the {area} temperature to 21 degrees",),
    "lock": ("lock the {name}", "is the {name} locked"),
    "media_player": ("pause the {name}", "turn off the {name}"),
    "sensor": ("what is the {name}",),
    "": ("what time is it", "set a timer for ten minutes", "cancel my timer"),
}  # fmt: skip
"""By type of device; what plain hassil with Home Assistant's sentences understands too."""


def sentences(home: Home, count: int = _COUNT) -> list[str]:
    """So many requests to devices and rooms of `home`, always the same."""
    fate = random.Random(f"said/{count}")  # noqa: S311 - nothing secret
    devices = [device for device in home.devices.values() if device.type in _SAID]
    said: list[str] = []
    while len(said) < count:
        device: Device = fate.choice(devices)
        template = fate.choice(_SAID["" if fate.random() < 0.15 else device.type])
        area = home.areas[device.area or ""].name
        said.append(template.format(name=device.name, area=area).casefold())
    return said


async def measure(size: int) -> dict[str, Any]:
    """Milliseconds per sentence of both, of repairs, and of loading and rebuilding."""
    from assistant.home.simulator.generated import generated_home
    from assistant.understanding.loading import Sentences
    from assistant.understanding.understanding import Understanding

    home = generated_home(size).to_home()
    said = sentences(home)
    Sentences.forget()
    began = time.perf_counter()
    understanding = Understanding(home, "en")
    await understanding.refresh()
    loaded_ms = (time.perf_counter() - began) * 1000
    rebuilt_ms = _timed(partial(understanding._build, home))
    plain = _plain_hassil(home)
    ours, theirs, both = [], [], 0
    for text in said:
        ours.append(_timed(partial(understanding.read, text, None)))
        theirs.append(_timed(partial(plain, text)))
        both += bool(plain(text)) and bool(understanding.read(text, None).intents)
    began = time.perf_counter()
    await understanding.prepare_to_guess()
    pronounced_ms = (time.perf_counter() - began) * 1000
    repairs = []
    for text in said[:_REPAIRS]:
        began = time.perf_counter()
        await understanding.guess([_misheard(text)], area=None)
        repairs.append((time.perf_counter() - began) * 1000)
    return {
        "devices": size,
        "sentences": len(said),
        "understood_by_both": both,
        "ours_ms": ours,
        "hassil_ms": theirs,
        "repair_ms": repairs,
        "load_ms": loaded_ms,
        "rebuild_ms": rebuilt_ms,
        "pronounce_ms": pronounced_ms,
    }


def _misheard(text: str) -> str:
    """`text` with its longest word spoiled: another vowel, and no last letter."""
    longest = max(text.split(), key=len)
    spoiled = longest.translate(str.maketrans("aeiou", "eiaua"))[:-1]
    return text.replace(longest, spoiled, 1)


def _timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def _plain_hassil(home: Home) -> Callable[[str], object]:
    """hassil with Home Assistant's sentences and the home's names, as its agent calls it."""
    from hassil.intents import Intents, TextSlotList
    from hassil.recognize import recognize_best
    from home_assistant_intents import get_intents

    intents: Intents = Intents.from_dict(get_intents("en") or {})
    lists: dict[str, SlotList] = {
        "name": TextSlotList.from_tuples(
            [(d.name, d.name, {"domain": d.type}) for d in home.devices.values()],
            allow_template=False, name="name",
        ),
        "area": _names((a.name for a in home.areas.values()), "area"),
        "floor": _names((f.name for f in home.floors.values()), "floor"),
    }  # fmt: skip
    return lambda text: recognize_best(
        text, intents, slot_lists=lists, language="en", best_slot_name="name"
    )


def _names(names: Iterable[str], name: str) -> SlotList:
    from hassil.intents import TextSlotList

    return TextSlotList.from_tuples([(one, one) for one in names], allow_template=False, name=name)
