"""How people refer to a device, to all of a kind, to a room, and to a value."""

from __future__ import annotations

from random import Random

from assistant.home.devices import Device
from assistant.llm.menu import Offer
from assistant.training.generator.homes import Dwelling
from assistant.training.generator.phrases import data, number


def refer(home: Dwelling, offer: Offer, area: str | None, random: Random) -> str:
    """The offer's devices as somebody in `area` may call them, without an article."""
    devices = [d for d in home.devices if d.id in offer.devices]
    if len(devices) > 1:
        return _all(home, offer, devices, area, random)
    device = devices[0]
    room = home.room_name(device.area)
    chance = random.random()
    same = [d for d in home.devices if d.name == device.name]
    words = [w for w in home.words_of(device) if w != device.name]
    word = random.choice(words) if words else ""
    sharing = [d for d in home.devices if word and _answers_to(home, d, word)]
    if word and not word.endswith("s"):
        if chance < 0.15 and len(sharing) == 1:
            return word
        here = [d for d in sharing if d.area == area]
        if chance < 0.3 and area and here == [device]:
            return random.choice((word, word, f"{word} here", f"{word} in here"))
        there = [d for d in sharing if d.area == device.area]
        if chance < 0.42 and room and there == [device]:
            return random.choice((f"{word} in the {room}", f"{room} {word}"))
    if len(same) > 1 and not (area and [d for d in same if d.area == area] == [device]):
        return random.choice((f"{device.name} in the {room}", f"{room} {device.name}"))
    if chance > 0.9 and room and room not in device.name:
        return f"{device.name} in the {room}"
    return device.name


def ambiguous(home: Dwelling, area: str | None, random: Random) -> str:
    """A word for several devices of which none is here; empty where there is none."""
    words = sorted({w for d in home.devices for w in home.words_of(d) if not w.endswith("s")})
    random.shuffle(words)
    for word in words:
        sharing = [d for d in home.devices if _answers_to(home, d, word)]
        named = [d for d in sharing if d.name == word]
        kinds = {d.type for d in sharing}
        if len(sharing) > 1 and not named and len(kinds) == 1 and (
            area is None or all(d.area != area for d in sharing)
        ):  # fmt: skip
            return word
    return ""


def with_article(name: str, random: Random) -> str:
    """ "the lamp"; as it is where it is somebody's, or begins with a word of its own."""
    first = name.split(maxsplit=1)[0]
    if first.endswith("'s") or first in ("all", "every", "the", "my"):
        return name
    return f"the {name}" if random.random() < 0.75 else name


def percent_words(value: int, random: Random, language: str) -> str:
    """A share in digits or words."""
    shares = data(language, "speech")["shares"]
    if value in shares and random.random() < 0.5:
        return str(random.choice(shares[value]))
    said = str(value) if random.random() < 0.4 else number(value)
    return random.choice((f"{said} percent", f"{said} percent", said, f"{said} per cent"))


def degree_words(value: float, random: Random) -> str:
    """A temperature in digits or words."""
    said = f"{value:g}" if random.random() < 0.4 else number(value)
    return random.choice((said, f"{said} degrees", f"{said} degrees", f"{said} degrees celsius"))


def pick_percent(random: Random) -> int:
    """Round ones mostly."""
    chance = random.random()
    if chance < 0.3:
        return random.choice((25, 50, 75, 100, 10, 33))
    return random.randrange(5, 101, 5) if chance < 0.8 else random.randint(1, 100)


def pick_degrees(values: tuple[str, ...], random: Random) -> str:
    """Those that people live in mostly."""
    usual = [v for v in values if 16 <= float(v) <= 25]
    return random.choice(usual if usual and random.random() < 0.9 else list(values))


def _answers_to(home: Dwelling, device: Device, word: str) -> bool:
    return word in home.words_of(device) or word in device.name.split()


def _all(
    home: Dwelling, offer: Offer, devices: list[Device], area: str | None, random: Random
) -> str:
    plurals = data(home.language, "speech")["many"]
    many = random.choice(plurals.get(devices[0].type, (f"{devices[0].type}s",)))
    rooms = {d.area for d in devices}
    room = home.room_name(devices[0].area)
    if len(rooms) == 1 and room and " in the " in offer.text:
        if area == devices[0].area and random.random() < 0.5:
            return random.choice((
                many, f"all {many} here", f"{many} in here", f"all the {many}",
                f"every {many[:-1]} in this room",
            ))  # fmt: skip
        return random.choice((
            f"{many} in the {room}", f"{room} {many}", f"all {many} in the {room}",
            f"every {many[:-1]} in the {room}", f"all the {room} {many}",
        ))  # fmt: skip
    return random.choice((
        f"all {many}", f"all the {many}", f"every {many[:-1]} in the house",
        f"all {many} everywhere", f"all {many} in the whole house",
    ))  # fmt: skip
