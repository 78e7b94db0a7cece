"""What the language model may say of a home: plain commands that the sentence templates understand.

The model is not taught a format of its own. It says again, in plain words, what an indirect
request
asks for ("it's like a cave in here": "turn on the floor lamp"), and may choose from this home's
devices and what they can do and nothing else: `Menu.grammar`. What it chose is understood as if
somebody had said it, with the same checks. `commands/<language>.yaml` holds the words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from assistant.errors import ConfigError
from assistant.home.devices import Area, Device

_FOLDER = Path(__file__).parent / "commands"
MOST_COMMANDS = 5
_MOST_MINUTES = 120
_MOST_NAME = 40
_KEPT = frozenset(" '’-&")
VALUES = ("percent", "degrees", "color", "minutes", "mode", "source")
"""What a command of `commands` can hold in braces, besides its device."""
_VALUE = re.compile(rf"\{{({'|'.join(VALUES)})\}}")
_PATTERNS = {"percent": "[1-9]?[0-9]|100", "minutes": "[1-9]|[1-9][0-9]|1[01][0-9]|120"}
"""Regular expressions for what would be a long list of values, in what all servers know of them."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One way of `commands` to say a command; `{device}` and a value stand for themselves."""

    say: str
    needs: str = ""
    """Name of a feature (`Features`) the device must have; of several with "|", one."""
    together: bool = False
    """Whether it can be said of all devices of its kind."""


@dataclass(frozen=True, slots=True)
class Wording:
    """One language's file in `commands/`."""

    commands: Mapping[str, tuple[Phrase, ...]]
    anywhere: tuple[str, ...]
    words: Mapping[str, str]
    """By component, the word that is put after a name which does not say what it is."""
    together: Mapping[str, str]
    """By component, its plural."""
    colors: tuple[str, ...]
    whites: tuple[str, ...]
    """Those of `colors` that a light without colours can have."""
    outcomes: Mapping[str, str]
    """"nothing", "ask" and "chat" in the language's words."""
    joined_by: str
    request: str
    no_room: str
    all_of: str
    all_in: str
    one_in: str
    heading: str


@dataclass(frozen=True, slots=True)
class Offer:
    """One command of this home; one of `VALUES` in braces is a value."""

    text: str
    devices: tuple[str, ...]
    """Ids of the devices that it is about; none where it is about no device."""
    values: tuple[str, ...] = ()
    """What can stand for the value."""


@dataclass(frozen=True, slots=True)
class Said:
    """One command as the model said it."""

    text: str
    devices: tuple[str, ...]


class Menu:
    """The commands of some devices: the prompt that shows them, the grammar that holds to them."""

    def __init__(
        self, devices: Iterable[Device], areas: Mapping[str, Area], wording: Wording
    ) -> None:
        """`devices` in the order in which they are shown; `areas` by id."""
        self._wording = wording
        self._areas = areas
        self._devices = tuple(devices)
        self._names = _names(self._devices, areas, wording)
        self.offers = tuple(self._offered())
        self._plain = {offer.text: offer for offer in self.offers if not offer.values}
        self._valued = tuple(offer for offer in self.offers if offer.values)
        self.joined_by = wording.joined_by
        self.outcomes = tuple(wording.outcomes.values())

    @property
    def fixed(self) -> str:
        """The beginning of every prompt: the home, room by room."""
        rooms: dict[str, list[str]] = {}
        for device in self._devices:
            rooms.setdefault(self._room(device.area), []).append(self._shown(device))
        lines = [f"{room}: {', '.join(shown)}" for room, shown in sorted(rooms.items())]
        return "\n".join([self._wording.heading, *lines]) + "\n"

    def head(self, area: str | None) -> str:
        """What the prompts of all requests from the area with the id `area` begin with."""
        before = self._wording.request.partition("{said}")[0]
        return self.fixed + before.format(room=self._room(area)).rstrip(" ")

    def request(self, said: str, area: str | None) -> str:
        """The rest of the prompt, for what was `said` in the area with the id `area`."""
        words = "".join(c if c.isalnum() or c in _KEPT or c in ".,?!%°:" else " " for c in said)
        return self._wording.request.format(
            room=self._room(area), said=" ".join(words.split()).lower()
        )

    @property
    def grammar(self) -> str:
        """What may follow the prompt, in GBNF (llama.cpp's grammars/README.md)."""
        outcomes = [_quoted(f" {word}\n") for word in self._wording.outcomes.values()]
        more = f"({_quoted(self._wording.joined_by)} command){{0,{MOST_COMMANDS - 1}}}"
        rules = [f'root ::= " " command {more} "\\n" | {" | ".join(outcomes)}']
        commands = []
        for offer in self.offers:
            parts = _VALUE.split(offer.text)
            if len(parts) == 1:
                commands.append(_quoted(offer.text))
            else:
                values = " | ".join(_quoted(value) for value in offer.values)
                name = _rule(rules, parts[1], values)
                after = f" {_quoted(parts[2])}" if parts[2] else ""
                commands.append(f"{_quoted(parts[0])} {name}{after}")
        rules.append("command ::= " + " |\n  ".join(commands))
        return "\n".join(rules) + "\n"

    @property
    def schema(self) -> dict[str, Any]:
        """The same as a JSON schema: {"commands": ["…", …]}, or one of the outcomes in the list."""
        one: list[dict[str, Any]] = [{"enum": [*self._plain, *self.outcomes]}]
        for offer in self._valued:
            before, kind, after = _VALUE.split(offer.text)
            values = _PATTERNS.get(kind) or "|".join(offer.values).replace(".", "[.]")
            one.append({"type": "string", "pattern": f"^{before}({values}){after}$"})
        return {
            "type": "object",
            "properties": {
                "commands": {
                    "type": "array", "items": {"anyOf": one},
                    "minItems": 1, "maxItems": MOST_COMMANDS,
                }
            },
            "required": ["commands"],
            "additionalProperties": False,
        }  # fmt: skip

    def outcome(self, line: str) -> str:
        """ "nothing", "ask" or "chat" where the model said so, else ""."""
        said = line.strip()
        return next((key for key, word in self._wording.outcomes.items() if word == said), "")

    def read(self, line: str) -> tuple[Said, ...]:
        """The commands in what the model said; none where one of them is none of this home."""
        found = []
        for text in line.strip().split(self._wording.joined_by):
            offer = self._offer_of(text)
            if offer is None:
                return ()
            found.append(Said(text, offer.devices))
        return tuple(found)

    def _offer_of(self, text: str) -> Offer | None:
        if text in self._plain:
            return self._plain[text]
        for offer in self._valued:
            before, _, after = _VALUE.split(offer.text)
            value = text[len(before) : len(text) - len(after)]
            if text == before + value + after and value in offer.values:
                return offer
        return None

    def _room(self, area: str | None) -> str:
        known = self._areas.get(area or "")
        return _plain(known.name) if known is not None else self._wording.no_room

    def _shown(self, device: Device) -> str:
        name = self._names[device.id].partition(" in the ")[0]
        word = self._wording.words.get(device.type, "") if self._is_plain(device) else ""
        return f"{name} ({word})" if word and word not in name else name

    def _offered(self) -> Iterable[Offer]:
        for device in self._devices:
            for phrase in self._phrases(device):
                name = self._names[device.id]
                if offer := _offer(phrase, name, (device,), self._wording):
                    yield offer
        for kind, plural in self._wording.together.items():
            of_kind = [d for d in self._devices if d.type == kind and self._is_plain(d)]
            rooms = {d.area: None for d in of_kind if d.area in self._areas}
            groups = [
                (self._wording.all_in.format(kind=plural, area=self._room(room)), among)
                for room in rooms
                if len(among := [d for d in of_kind if d.area == room]) > 1
            ]
            if len(of_kind) > 1:
                groups.append((self._wording.all_of.format(kind=plural), of_kind))
            for name, among in groups:
                for phrase in self._wording.commands.get(kind, ()):
                    able = tuple(d for d in among if not phrase.needs or _has(d, phrase.needs))
                    if phrase.together and (offer := _offer(phrase, name, able, self._wording)):
                        yield offer
        for text in self._wording.anywhere:
            values = tuple(map(str, range(1, _MOST_MINUTES + 1))) if "{" in text else ()
            yield Offer(text, (), values)

    def _is_plain(self, device: Device) -> bool:
        """Whether it is of no class that has commands of its own: a garage door is no blind."""
        return f"{device.type}.{device.device_class}" not in self._wording.commands

    def _phrases(self, device: Device) -> tuple[Phrase, ...]:
        commands = self._wording.commands
        own = commands.get(f"{device.type}.{device.device_class}")
        phrases = own if own is not None else commands.get(device.type, ())
        return tuple(p for p in phrases if not p.needs or _has(device, p.needs))


@cache
def wording(language: str) -> Wording | None:
    """The words for `language`, None where there are none. Raises `ConfigError`."""
    path = _FOLDER / f"{language}.yaml"
    if not path.exists():
        return None
    raw: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        kinds = raw["kinds"]
        return Wording(
            commands={
                key: tuple(Phrase(**phrase) for phrase in phrases)
                for key, phrases in raw["commands"].items()
            },
            anywhere=tuple(raw["anywhere"]),
            words={key: kind["word"] for key, kind in kinds.items() if "word" in kind},
            together={key: kind["together"] for key, kind in kinds.items() if "together" in kind},
            colors=tuple(raw["colors"]),
            whites=tuple(raw["whites"]),
            outcomes=dict(raw["outcomes"]),
            **{
                key: raw[key]
                for key in (
                    "joined_by", "request", "no_room", "all_of", "all_in", "one_in", "heading",
                )
            },
        )  # fmt: skip
    except (KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"{path}: something is missing or of the wrong kind: {error}") from error


def _offer(phrase: Phrase, name: str, devices: Sequence[Device], wording: Wording) -> Offer | None:
    if not devices:
        return None
    text = phrase.say.replace("{device}", name)
    found = _VALUE.search(text)
    values = _values(found[1], devices[0], wording) if found else ()
    if found and not values:
        return None
    return Offer(text, tuple(device.id for device in devices), values)


def _values(kind: str, device: Device, wording: Wording) -> tuple[str, ...]:
    can = device.features
    if kind == "percent":
        low, high = can.humidity or (0.0, 100.0)
        return tuple(map(str, range(round(low), round(high) + 1)))
    if kind == "color":
        return wording.colors if can.color else wording.whites
    if kind in ("mode", "source"):
        said = can.sources if kind == "source" else [mode for mode in can.modes if mode != "off"]
        return tuple(dict.fromkeys(filter(None, map(_plain, said))))
    low, high = can.temperature or (0.0, -1.0)
    halves = range(round(low * 2), round(high * 2) + 1)
    return tuple(f"{half / 2:g}" for half in halves)


def _has(device: Device, feature: str) -> bool:
    return any(getattr(device.features, one) for one in feature.split("|"))


def _names(
    devices: Sequence[Device], areas: Mapping[str, Area], wording: Wording
) -> dict[str, str]:
    """By id, a name that no other device has: with its room where several have it."""
    plain = {device.id: _plain(device.name) or device.type for device in devices}
    counts = Counter(plain.values())
    names: dict[str, str] = {}
    taken: set[str] = set()
    for device in devices:
        name = plain[device.id]
        if counts[name] > 1 and (area := areas.get(device.area or "")) is not None:
            name = wording.one_in.format(device=name, area=_plain(area.name))
        number, wanted = 2, name
        while name in taken:
            name = f"{wanted} {number}"
            number += 1
        taken.add(name)
        names[device.id] = name
    return names


def _plain(text: str) -> str:
    """Words only, in lower case: nothing that the model could take for a mark of its own."""
    kept = "".join(c if c.isalnum() or c in _KEPT else " " for c in text)
    return " ".join(kept.split())[:_MOST_NAME].strip().lower()


def _rule(rules: list[str], kind: str, values: str) -> str:
    """The name of the rule for `values`, made where there is none yet."""
    for line in rules[1:]:
        name, _, body = line.partition(" ::= ")
        if body == values:
            return name
    name = f"{kind}{len(rules)}"
    rules.append(f"{name} ::= {values}")
    return name


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
