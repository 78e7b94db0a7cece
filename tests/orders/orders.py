"""Plays recorded coffee orders, with and without kitchen noise, to the whole chain."""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).parents[2]))

from assistant.config import LanguageModelSettings, MqttSettings, Settings
from assistant.engines import Hearing
from assistant.household import Household
from assistant.types import Request, SlotValue, Turn

SENTENCES = Path(__file__).parent / "sentences"
LEVELS_DB = (None, 24, 12, 6)
_EVERY = {None: 1, 24: 4, 12: 4, 6: 2}
"""What a quick run plays: all clean orders, of the others every so many."""

_HOME = """
areas: [{id: kitchen, name: Kitchen}, {id: hall, name: Hall}]
devices:
  - {id: ceiling, name: Kitchen light, area: kitchen, type: light}
  - {id: hall_lamp, name: Hall lamp, area: hall, type: light}
  - {id: machine, name: Coffee machine, area: kitchen, type: switch}
  - {id: blind, name: Kitchen blind, area: kitchen, type: cover}
"""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Heard:
    """What came of one recording."""

    name: str
    snr_db: int | None
    wanted: Mapping[str, str]
    turn: Turn
    seconds: float

    @property
    def slots(self) -> dict[str, str]:
        """The order in the words of the labels; empty: none was understood."""
        intents = self.turn.intents
        if len(intents) != 1 or intents[0].name != "OrderDrink":
            return {}
        return _labelled(intents[0].slots)

    @property
    def right(self) -> bool:
        """Wholly right, and taken without a question."""
        return self.slots == dict(self.wanted) and not self.turn.question

    @property
    def kind(self) -> str:
        """right, asked (the right question), wrong (something else), not understood."""
        if self.slots == dict(self.wanted):
            return "asked" if self.turn.question else "right"
        return "wrong" if self.slots and not self.turn.question else "not understood"


def recordings() -> Path | None:
    """The folder of the orders; None where there is none."""
    if named := os.environ.get("ASSISTANT_SPEECH_DATA"):
        places = [Path(named)]
    else:
        places = [parent / "shared/data/speech-dev" for parent in Path(__file__).resolve().parents]
    return next((p / "orders" for p in places if (p / "orders/labels.json").is_file()), None)


def mixed(speech: Floats, noise: Floats, snr_db: float) -> npt.NDArray[np.int16]:
    """Speech and noise, by the power of the loudest frame of 2,048 samples of each."""
    scale = math.sqrt(_loudest(speech) / _loudest(noise) / 10 ** (snr_db / 10))
    both = speech + scale * noise
    return np.round(both / np.abs(both).max() * 0.5 * 32767).astype(np.int16)


async def played(folder: Path, *, seed: int = 0, everything: bool = False) -> AsyncIterator[Heard]:
    """What comes of the recordings, one after the other."""
    import soundfile

    def read(name: str) -> npt.NDArray[np.int16]:
        return np.asarray(soundfile.read(folder / name, dtype="int16")[0])

    labels: dict[str, dict[str, str]] = json.loads((folder / "labels.json").read_text("utf-8"))
    noise = read("noise-kitchen.flac") / 32768
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "home.yaml"
        home.write_text(_HOME, "utf-8")
        settings = Settings(
            mqtt=MqttSettings(port=1),
            llm=LanguageModelSettings(enabled=False),
            sentences=str(SENTENCES),
        )
        household = Household(settings, home_file=home, dry=True, scratch=True)
        await household.start()
        hearing = Hearing(household)
        try:
            for snr_db in LEVELS_DB:
                random = np.random.default_rng([seed, snr_db or 0])
                step = 1 if everything else _EVERY[snr_db]
                for number, (name, wanted) in enumerate(labels.items()):
                    samples = read(name)
                    start = int(random.integers(0, len(noise) - len(samples)))
                    if number % step:
                        continue
                    if snr_db is not None:
                        piece = noise[start : start + len(samples)]
                        samples = mixed(samples / 32768, piece, snr_db)
                    began = time.perf_counter()
                    request = Request("", conversation=f"{name} {snr_db}")
                    turn = await hearing.ask(samples, request)
                    yield Heard(name, snr_db, wanted, turn, time.perf_counter() - began)
        finally:
            await hearing.close()
            await household.stop()


def table(heard: Sequence[Heard]) -> list[str]:
    """Lines of a table: what came of the orders at each level of noise."""
    kinds = ("right", "asked", "wrong", "not understood")
    lines = [f"{'noise':<8}{'orders':>7}" + "".join(f"{k:>16}" for k in kinds) + "   median s"]
    for snr_db in LEVELS_DB:
        some = [h for h in heard if h.snr_db == snr_db]
        if some:
            counts = [sum(h.kind == kind for h in some) for kind in kinds]
            cells = "".join(f"{n:>8}{100 * n / len(some):>7.1f}%" for n in counts)
            name = "clean" if snr_db is None else f"{snr_db} dB"
            seconds = float(np.median([h.seconds for h in some]))
            lines.append(f"{name:<8}{len(some):>7}{cells}{seconds:>11.2f}")
    return lines


def _loudest(samples: Floats) -> float:
    frames = samples[: len(samples) // 2048 * 2048].reshape(-1, 2048)
    return float((frames**2).mean(axis=1).max())


def _labelled(slots: Mapping[str, SlotValue]) -> dict[str, str]:
    def joined(*keys: str) -> str:
        return " ".join(str(slots[key]) for key in keys if key in slots)

    order = {
        "coffeeDrink": joined("drink"),
        "size": joined("size"),
        "roast": joined("roast"),
        "numberOfShots": joined("shots"),
        "milkAmount": joined("milk_amount", "milk"),
        "sugarAmount": joined("sugar_amount", "sugar"),
    }
    return {key: value for key, value in order.items() if value}


async def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=recordings())
    parser.add_argument("--all", action="store_true", help="every order at every level of noise")
    parser.add_argument("--seed", type=int, default=0, help="chooses the pieces of noise")
    parser.add_argument("--list", action="store_true", help="show those that were not right")
    args = parser.parse_args()
    heard = []
    async for one in played(args.folder, seed=args.seed, everything=args.all):
        heard.append(one)
        if args.list and not one.right:
            print(one.name, one.snr_db, one.kind, one.turn.text, one.slots, one.turn.reply)
    print("\n".join(table(heard)))


if __name__ == "__main__":
    asyncio.run(_main())
