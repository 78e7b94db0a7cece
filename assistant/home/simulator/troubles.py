"""What goes wrong in a simulated home, on request and the same for the same seed."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass

from assistant.errors import ConfigError

RUBBISH = b'\xff\xfe{"state": [['
"""What a device that has gone mad says."""


def fate_of(seed: str) -> random.Random:
    """Chance that comes out the same for the same seed."""
    return random.Random(seed)  # noqa: S311 - nothing here is a secret


@dataclass(frozen=True, slots=True)
class Troubles:
    """How often what goes wrong; chances from 0 to 1. Raises `ConfigError` for others."""

    loss: float = 0.0
    """That a command is swallowed: neither done nor answered. Questions are always answered."""
    dropout: float = 0.0
    """Share of the time that each device is away."""
    away_s: float = 10.0
    """How long a device stays away on average."""
    rubbish: float = 0.0
    """That the answer to a command is nonsense; and nonsensical announcements for each real one."""
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("loss", "dropout", "rubbish"):
            value = getattr(self, name)
            if not 0 <= value <= 1 or (name == "dropout" and value == 1):
                raise ConfigError(
                    f"{name} must be a chance from 0 to 1, such as 0.05, not {value}."
                )
        if self.away_s <= 0:
            raise ConfigError(f"away_s must be more than 0 seconds, not {self.away_s}.")

    def next_dropout_s(self, fate: random.Random) -> float:
        """How long until a device goes away."""
        return fate.expovariate(self.dropout / ((1 - self.dropout) * self.away_s))

    def next_return_s(self, fate: random.Random) -> float:
        """How long a device stays away."""
        return fate.uniform(0.5, 1.5) * self.away_s


def spoiled(fate: random.Random, document: str) -> str | bytes:
    """A JSON document after something has gone wrong with it: never one that can be used."""
    match fate.randrange(7):
        case 0:
            return document[: fate.randrange(1, max(2, len(document) - 1))]
        case 1:
            return RUBBISH
        case 2:
            return "[" * 2000
        case 3:
            return json.dumps([document])
        case 4:
            return fate.choice(("null", "17", '"device"', "[]", "{}", " ", "{" + "NaN"))
        case 5:
            return json.dumps(_twisted(json.loads(document)))
    return '{"a": ' * 400 + "1" + "}" * 400


def _twisted(value: object) -> object:
    """The same structure with all types exchanged."""
    match value:
        case dict():
            return {key: _twisted(item) for key, item in value.items()}
        case bool() | None:
            return [value]
        case str():
            return {value[:3]: 1e308}
        case list():
            return "nothing"
    return {"value": value}
