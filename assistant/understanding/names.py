"""Understanding room: how the home's devices, areas and floors may be said."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from assistant.home.devices import Area, Device
from assistant.home.model import Home
from assistant.understanding.glued.names import glued_forms, glued_synonyms, without_quantity
from assistant.understanding.language import LanguageData

_NUMBER_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SIGNS = re.compile(r"[_\-/.()\[\]{}<>|\s]+")
_BRACKETS = re.compile(r"[()\[\]{}<>|\s]+")
_QUOTES = re.compile(r"['’]")
OPTION_LISTS = {
    "effect": (("light",), "effects"),
    "preset": (("fan", "climate"), "presets"),
    "fan_mode": (("climate",), "fan_modes"),
    "swing_mode": (("climate",), "swing_modes"),
    "suction": (("vacuum",), "fan_modes"),
    "source": (("media_player",), "sources"),
    "tone": (("siren",), "tones"),
    "option": (("select",), "modes"),
    "humidifier_mode": (("humidifier",), "modes"),
    "operation_mode": (("water_heater",), "modes"),
}
"""Lists that templates may refer to: the types of device and the feature that fill them."""

STEM = "area_stem"
"""The list of areas as a compound word begins with them: "Küchen" in "Küchenlicht"."""

MEASURED = "measured"
"""The list of sensors, also by what is left of their names without the quantity."""

IT = "\ue000"
"""Stands in a text for what was spoken of before, as a name does for a device."""
HOME_LISTS = frozenset({"name", "area", "floor", STEM, MEASURED, *OPTION_LISTS})
"""The lists that a home fills."""

_SHORTEST_NAME = 4
_SENSORS = ("sensor", "binary_sensor")
_SAID_LIKE = {"group": "input_boolean"}
"""Types that no template knows, and which others can be asked for in the same words."""
_CALLED_SHORT = frozenset(
    {"light", "switch", "fan", "cover", "valve", "climate", "humidifier", "media_player", "vacuum",
     "lawn_mower"}
)  # fmt: skip
"""Types whose devices may be called by the end of their name."""
_OPENINGS = frozenset({"door", "garage", "gate", "window"})
_NOUN_OF_TYPE = {"lock": ("lock", "door lock"), "light": (), "media_player": ("player",)}


@dataclass(frozen=True, slots=True)
class SpokenName:
    """One way to say one or more devices of one kind."""

    spoken: str
    domain: str
    device_class: str | None
    devices: tuple[str, ...]
    canonical: str
    """The value of the `name` slot: the device's name, or `spoken` where several share it."""


@dataclass(frozen=True, slots=True)
class HomeNames:
    """All that may be said of a home; built from a `Home` on the event loop, then read anywhere."""

    names: tuple[SpokenName, ...] = ()
    areas: tuple[tuple[str, str], ...] = ()
    """(spoken, area name)."""
    floors: tuple[tuple[str, str], ...] = ()
    stems: tuple[tuple[str, str], ...] = ()
    """(area as a compound begins with it, area name)."""
    domains: frozenset[str] = frozenset()
    options: tuple[tuple[str, str, str], ...] = ()
    """(list of `OPTION_LISTS`, spoken, as the device spells it)."""
    measured: tuple[SpokenName, ...] = ()
    """Sensors of all kinds: "washing machine" for "Washing machine power" too."""
    plain: frozenset[str] = field(default_factory=frozenset)
    """Every spoken form, casefolded: what a conjunction may join."""


def home_names(home: Home, data: LanguageData) -> HomeNames:
    """The spoken forms of everything exposed in `home`."""
    exposed = [device for device in home.devices.values() if device.exposed]
    areas = _places(((a.name, a.names[1:]) for a in home.areas.values()), data)
    floors = _places(((f.name, f.names[1:]) for f in home.floors.values()), data)
    said: dict[tuple[str, str, str | None], dict[str, str]] = {}
    taken = {name.lower() for device in exposed for name in device.names}
    place_words = {spoken.casefold() for spoken, _ in areas}
    for device in exposed:
        forms: dict[str, None] = {}
        for name in device.names:
            forms.setdefault(name)
            for variant in _variants(name, data):
                if variant.lower() not in taken and variant.casefold() not in place_words:
                    forms.setdefault(variant)
            for form in _short_forms(device, home, data):
                if form.casefold() not in place_words:
                    forms.setdefault(form)
            for form in glued_forms(device, home, data) if data.ignore_whitespace else ():
                if form.casefold() not in taken and not _says_where(form, place_words, data):
                    forms.setdefault(form)
            for noun in _NOUN_OF_TYPE.get(device.type, ()):
                short = name[: -len(noun)].strip()
                if name.casefold().endswith(f" {noun}") and short.casefold() not in place_words:
                    forms.setdefault(short)
        for form in forms:
            kind = _SAID_LIKE.get(device.type, device.type)
            key = (form.lower(), kind, device.device_class)
            said.setdefault(key, {})[device.id] = device.name
    names = []
    for (spoken, domain, device_class), devices in said.items():
        canonical = set(devices.values())
        names.append(
            SpokenName(
                spoken, domain, device_class, tuple(devices),
                canonical.pop() if len(canonical) == 1 else _shared(spoken, canonical, data),
            )
        )  # fmt: skip
    plain = {n.spoken.casefold() for n in names} | {s.casefold() for s, _ in (*areas, *floors)}
    domains = frozenset(_SAID_LIKE.get(device.type, device.type) for device in exposed)
    stems = tuple((stem, name) for spoken, name in areas for stem in _stems(spoken, data))
    return HomeNames(
        tuple(names), areas, floors, stems, domains, _options(exposed, data),
        _measured(exposed, data, place_words), frozenset(plain),
    )  # fmt: skip


def _says_where(form: str, place_words: Collection[str], data: LanguageData) -> bool:
    """Whether a form is a place, or what is in a place: "복도 불" is all the lights there."""
    said = form.casefold()
    kinds = (kind for kind in data.kinds if said.endswith(kind))
    return said in place_words or any(said[: -len(k)].strip() in place_words for k in kinds)


def _shared(spoken: str, names: Collection[str], data: LanguageData) -> str:
    """What several devices may be looked up by: "ceiling light" where "big light" was said."""
    ends = [name.casefold().split() for name in names]
    if all(end[-len(spoken.split()) :] == spoken.casefold().split() for end in ends):
        return spoken
    shared: list[str] = []
    for words in zip(*(reversed(end) for end in ends), strict=False):
        if len(set(words)) > 1:
            break
        shared.insert(0, words[0])
    common = " ".join(shared)
    return common if common and common not in data.kinds else spoken


def _short_forms(device: Device, home: Home, data: LanguageData) -> Iterator[str]:
    """ "Lamp" for "Desk lamp", and "ceiling light" for "Kitchen ceiling light" in the kitchen."""
    area = home.areas.get(device.area or "")
    if area is not None and data.stems:
        yield from _heads(device, area, data)
    if not data.short_names or device.type not in _CALLED_SHORT:
        return
    if device.device_class in _OPENINGS:
        return
    places = [place.casefold() for place in area.names] if area else []
    for name in device.names:
        without = [name[len(p) + 1 :] for p in places if name.casefold().startswith(f"{p} ")]
        for short in (*without, *name.split()[1:][-1:]):
            if short.casefold() not in data.kinds and not short.isdigit():
                yield short
                yield from _synonymous(short, data.synonyms)


def kinds_of_things(data: LanguageData) -> frozenset[str]:
    """Words for one thing of a kind and for several, casefolded: "blind", "blinds"."""
    kinds = {form for word in data.singular for form in (word, *_variants(word, data))}
    several = {f"{word}s" for word in kinds} if data.plural else set()
    return frozenset(word.casefold() for word in kinds | several)


def kind_of(device: Device) -> tuple[str, str | None]:
    """The domain by which templates know a device, and its device class."""
    return _SAID_LIKE.get(device.type, device.type), device.device_class


def _heads(device: Device, area: Area, data: LanguageData) -> Iterator[str]:
    """ "Deckenlampe" and "Küchen Deckenlampe" for "Küchendeckenlampe" in the kitchen."""
    for stem in {stem for place in area.names for stem in _stems(place, data)}:
        for name in device.names:
            rest = name.lower().removeprefix(stem)
            if len(rest) < len(name) and rest.isalpha():
                yield f"{stem} {rest}"
                if len(rest) >= _SHORTEST_NAME and rest not in data.kinds:
                    yield rest


def _options(devices: Iterable[Device], data: LanguageData) -> tuple[tuple[str, str, str], ...]:
    """What can be chosen of each device, as it is spoken."""
    found: dict[tuple[str, str], str] = {}
    for device in devices:
        for name, (kinds, feature) in OPTION_LISTS.items():
            if device.type in kinds:
                for option in getattr(device.features, feature):
                    for form in (option, *_spellings(option), *_synonymous(option, data.synonyms)):
                        found.setdefault((name, form.lower()), option)
    return tuple((name, spoken, option) for (name, spoken), option in found.items())


def _measured(
    devices: Iterable[Device], data: LanguageData, place_words: Collection[str]
) -> tuple[SpokenName, ...]:
    said: dict[tuple[str, str], dict[str, str]] = {}
    for device in devices:
        if device.type not in _SENSORS:
            continue
        for name in device.names:
            forms = {name, *_variants(name, data)}
            words = name.split()
            forms |= {" ".join(words[:n]) for n in (len(words) - 1, len(words) - 2) if n > 0}
            forms |= {other for form in tuple(forms) for other in _synonymous(form, data.synonyms)}
            if data.ignore_whitespace:
                forms |= set(glued_synonyms(name, data))
                forms |= {form.rsplit(" ", 1)[0] for form in tuple(forms)}
            forms |= {short for form in tuple(forms) if (short := without_quantity(form, data))}
            for form in (form for form in forms if form.casefold() not in place_words):
                said.setdefault((form.lower(), device.type), {})[device.id] = device.name
    return tuple(
        SpokenName(spoken, kind, None, tuple(found), spoken)
        for (spoken, kind), found in said.items()
    )


def _places(
    places: Iterable[tuple[str, Sequence[str]]], data: LanguageData
) -> tuple[tuple[str, str], ...]:
    owned = [(own, name) for name, aliases in places for own in (name, *aliases)]
    said: dict[str, tuple[str, str]] = {}
    for own, name in owned:  # "washroom" is another room where there is one of that name
        said.setdefault(own.lower(), (own, name))
    for own, name in owned:
        for form in _variants(own, data, plural=False):
            said.setdefault(form.lower(), (form, name))
    return tuple(said.values())


def _stems(place: str, data: LanguageData) -> tuple[str, ...]:
    """How a compound word begins that has to do with `place`; none where there are no such."""
    changed = (re.sub(end, with_, place, flags=re.IGNORECASE) for end, with_ in data.stems)
    return tuple(dict.fromkeys(stem.lower() for stem in changed))


@cache
def _endings(
    variants: tuple[tuple[str, ...], ...],
) -> tuple[re.Pattern[str] | None, tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]]:
    """What finds any of the variants, and each of them with what may stand in its place."""
    if not variants:
        return None, ()
    anything = re.sub(r"\((?!\?)", "(?:", "|".join(pattern for pattern, *_ in variants))
    each = tuple((re.compile(p, re.IGNORECASE), tuple(others)) for p, *others in variants)
    return re.compile(anything, re.IGNORECASE), each


def _variants(name: str, data: LanguageData, *, plural: bool = True) -> list[str]:
    forms = [name, *_spellings(name)]
    bent, endings = _endings(data.variants)
    if bent is not None and any(map(bent.search, forms)):
        for ending, others in endings:
            for form in tuple(forms):
                forms += [ending.sub(o, form) for o in others] if ending.search(form) else []
    forms += [other for form in tuple(forms) for other in _synonymous(form, data.synonyms)]
    if data.plural and plural:
        forms += [other for form in tuple(forms) for other in _other_number(form)]
    return [form for form in dict.fromkeys(forms) if form != name]


def _spellings(name: str) -> list[str]:
    found = []
    apart = _CAMEL.sub(" ", name) if " " not in name else name
    found.append(_SIGNS.sub(" ", apart).strip())
    found.append(_QUOTES.sub("", name))
    found.append(name.replace("ß", "ss"))
    found.append(_BRACKETS.sub(" ", name).strip())
    words = name.split()
    if words and words[-1].isdigit() and len(words[-1]) == 1 and len(words) > 1:
        found.append(" ".join([*words[:-1], _NUMBER_WORDS[int(words[-1])]]))
    elif words and words[-1].casefold() in _NUMBER_WORDS and len(words) > 1:
        found.append(" ".join([*words[:-1], str(_NUMBER_WORDS.index(words[-1].casefold()))]))
    if words and words[0].casefold() == "the" and len(words) > 1:
        found.append(" ".join(words[1:]))
    return [form for form in found if form and form != name]


def _synonymous(name: str, synonyms: Sequence[Sequence[str]]) -> list[str]:
    found = []
    padded = f" {name.casefold()} "
    for group in synonyms:
        for word in group:
            if f" {word} " in padded:
                found += [padded.replace(f" {word} ", f" {o} ").strip() for o in group if o != word]
                break
    return found


def _other_number(name: str) -> list[str]:
    last = name.rsplit(maxsplit=1)[-1].casefold() if name.split() else ""
    if len(last) < 3 or not last.isalpha() or " " not in name:
        return []
    if last.endswith("s") and not last.endswith("ss"):
        return [name[:-1]]
    return [f"{name}s"] if not last.endswith(("ss", "sh", "ch", "x", "y", "ing")) else []
