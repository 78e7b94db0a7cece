"""Random homes: rooms, and devices with names as people give them."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from assistant.errors import ConfigError
from assistant.home.devices import Area, Device, Features
from assistant.llm.menu import VALUES, Menu, Offer, wording
from assistant.training.generator.phrases import data

_MOST_SHOWN = 40
_NARROWED = 24
_STARTS = (
    "set a timer", "what time", "set volume", "turn on", "turn off", "turn up", "turn down",
    "next track", "previous track", "what is the temperature", "what temperature", "what is",
    "how bright", "how loud", "which lights",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dwelling:
    """A home as the generator knows it: with what each device is, in the words of homes.yaml."""

    menu: Menu
    devices: tuple[Device, ...]
    areas: dict[str, Area]
    keys: dict[str, str]
    """By device id, its key among the things."""
    verbs: dict[str, tuple[Offer, ...]]
    """The menu's offers by `verb_of`."""
    language: str

    def room_name(self, area: str | None) -> str:
        """The room as it is said."""
        return self.areas[area].name if area in self.areas else ""

    def words_of(self, device: Device) -> list[str]:
        """Kind words that people use for it: "the lamp"."""
        found: list[str] = data(self.language, "homes")["things"][self.keys[device.id]]["words"]
        return found

    def pattern_of(self, offer: Offer) -> str:
        """The offer's command with {device} in the place of the device's name."""
        device = next(d for d in self.devices if d.id in offer.devices)
        words = wording(self.language)
        commands = words.commands if words else {}
        phrases = commands.get(f"{device.type}.{device.device_class}") or commands[device.type]
        fitting = []
        for phrase in phrases:
            before, _, after = phrase.say.partition("{device}")
            if offer.text.startswith(before) and offer.text.endswith(after):
                fitting.append(phrase.say)
        return max(fitting, key=len)

    def matching(self, what: str) -> list[Device]:
        """Devices of a component or of a key of things; several with commas."""
        wanted = set(what.split(","))
        return [d for d in self.devices if d.type in wanted or self.keys[d.id] in wanted]


def verb_of(offer: Offer) -> str:
    """What direct/ and needs/ call the command: its words without device and value."""
    text = offer.text
    for start in _STARTS:
        if text.startswith(start):
            return start
    first, last = text.split()[0], text.split()[-1]
    if first == "set":
        return next(f"set {kind}" for kind in VALUES if "{" + kind + "}" in text)
    if first in ("arm", "send", "is"):
        return f"{first} {last}"
    return first


def dwelling(random: Random, language: str) -> Dwelling:
    """A home of 5 to 60 devices; of a large one, those some twenty that a request is about."""
    spec = data(language, "homes")
    names: list[str] = random.sample(list(spec["rooms"]), random.choice((2, 3, 4, 5, 6, 8, 10, 14)))
    areas: dict[str, Area] = {}
    devices: list[Device] = []
    keys: dict[str, str] = {}
    share = random.uniform(0.35, 0.95)
    for room in names:
        spoken = random.choice([room, room, *spec["also"].get(room, ())])
        spoken = spoken.replace("{person}", random.choice(spec["people"]))
        area = Area(id=f"a{len(areas)}", name=spoken)
        areas[area.id] = area
        for key in spec["rooms"][room]:
            if random.random() < share:
                _add(key, area, devices, keys, random=random, spec=spec)
    for key in spec["anywhere"]:
        if random.random() < 0.3:
            _add(key, None, devices, keys, random=random, spec=spec)
    if len(devices) < 5:
        return dwelling(random, language)
    random.shuffle(devices)
    if len(devices) > _MOST_SHOWN:
        devices = devices[:_NARROWED]
    words = wording(language)
    if words is None:
        raise ConfigError(f"there are no commands in {language!r} (assistant/llm/commands)")
    menu = Menu(devices, areas, words)
    verbs: dict[str, list[Offer]] = {}
    for offer in menu.offers:
        same = verbs.setdefault(verb_of(offer), [])
        if not any(o.devices == offer.devices for o in same if offer.devices):
            same.append(offer)
    return Dwelling(
        menu, tuple(devices), areas, keys, {k: tuple(v) for k, v in verbs.items()}, language
    )


def thing_name(key: str, room: str, random: Random, language: str) -> str:
    """A name that such a thing may have."""
    spec = data(language, "homes")
    name: str = random.choice(spec["things"][key]["names"])
    return name.replace("{room}", room).replace("{person}", random.choice(spec["people"]))


def _add(
    key: str,
    area: Area | None,
    devices: list[Device],
    keys: dict[str, str],
    *,
    random: Random,
    spec: dict[str, Any],
) -> None:
    thing = spec["things"][key]
    room = area.name if area is not None else random.choice(("hall", "house", "main"))
    person = random.choice(spec["people"])
    name = random.choice(thing["names"]).replace("{room}", room).replace("{person}", person)
    place = area.id if area is not None else None
    if any(d.name == name and (d.area == place or None in (d.area, place)) for d in devices):
        return
    device = Device(
        id=f"d{len(keys)}",
        name=name,
        type=thing["type"],
        area=place,
        device_class=thing.get("class"),
        features=_features(thing, random),
    )
    devices.append(device)
    keys[device.id] = key


def _features(thing: dict[str, Any], random: Random) -> Features:
    def has(feature: str) -> bool:
        return random.random() < float(thing.get(feature, 0))

    def some(feature: str) -> tuple[str, ...]:
        known: list[str] = thing.get(feature, [])
        return tuple(random.sample(known, random.randint(0, len(known))))

    brightness = has("brightness")
    span, humidity = thing.get("temperature"), thing.get("humidity")
    return Features(
        brightness=brightness,
        color=brightness and has("color"),
        color_temp=(2200, 6500) if brightness and has("color_temp") else None,
        position=has("position"),
        percentage=has("percentage"),
        oscillation=has("oscillation"),
        temperature=(float(span[0]), float(span[1])) if span else None,
        humidity=(float(humidity[0]), float(humidity[1])) if humidity else None,
        modes=some("modes"),
        sources=some("sources"),
    )
