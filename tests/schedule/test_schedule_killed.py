"""A process with 200 timers and alarms, killed with -9 at random instants, writes included."""

from __future__ import annotations

import contextlib
import json
import os
import random
import select
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

KILLS = 200
ENTRIES = 200
SEED = 20261124
_LIMIT_S = 60.0

CHILD = Path(__file__).with_name("killed_schedule.py")


class Model:
    """What must be there, by what the process has said before it was killed."""

    def __init__(self) -> None:
        self.entries: dict[str, str] = {}
        """By name, what each entry is."""
        self.begun: list[Any] | None = None
        """A change that was begun, and perhaps made."""
        self.settled: set[str] = set()
        """Names of what has rung and was silenced: it must never ring again."""
        self.rang: Counter[str] = Counter()
        self.commands: set[str] = set()
        """Those that were set, and must be done."""
        self.deeds: Counter[str] = Counter()
        self.cut_off: set[str] = set()
        """Those that were told of instead of being done again."""

    def hear(self, kind: str, rest: list[Any]) -> None:
        """What the process says: a change that begins, one that is made, a ring, what is there."""
        if kind == "begin":
            self.begun = rest
        elif kind == "done":
            assert self.begun is not None
            self.apply(self.begun)
            self.begun = None
        elif kind == "ring":
            [name] = rest
            assert name not in self.settled, f"{name} rang again after it was silenced"
            assert name in self.entries or self._may_be_new(name), f"{name} is not known"
            self.rang[name] += 1
        elif kind == "deed":
            [name] = rest
            self.deeds[name] += 1
            once = name.startswith("once")
            assert self.deeds[name] == 1 or not once, f"{name} was done twice"
            assert name not in self.cut_off, f"{name} was done after it was told to be cut off"
        elif kind == "cut off":
            [name] = rest
            assert name.startswith("once")
            self.cut_off.add(name)
        elif kind == "state":
            self.check(rest[0])

    def apply(self, change: list[Any]) -> None:
        """A change was made."""
        action, name, what = change
        if action == "silence":
            self.settled |= set(what)
            self.entries = {n: w for n, w in self.entries.items() if n not in what}
        elif action == "command":
            self.commands.add(name)
        elif action == "cancel":
            self.entries.pop(name, None)
        else:
            self.entries[name] = what

    def check(self, there: dict[str, str]) -> None:
        """Whether all is there that must be; the change under way may have been made or not."""
        without = dict(self.entries)
        change, self.begun = self.begun, None
        if there == without:
            return
        assert change is not None, _difference(without, there)
        assert change[0] != "command", _difference(without, there)
        self.apply(change)
        assert there == self.entries, _difference(self.entries, there)

    def _may_be_new(self, name: str) -> bool:
        return self.begun is not None and self.begun[1] == name


def _difference(wanted: dict[str, str], there: dict[str, str]) -> str:
    lost = {name: what for name, what in wanted.items() if there.get(name) != what}
    more = {name: what for name, what in there.items() if wanted.get(name) != what}
    return f"must be there: {lost}, is there: {more}"


@pytest.mark.thorough
def test_nothing_is_lost_doubled_or_rung_twice_by_two_hundred_kills(tmp_path: Path) -> None:
    path = tmp_path / "assistant.db"
    chance = random.Random(SEED)
    model = Model()
    with subprocess.Popen(
        [sys.executable, str(CHILD)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    ) as nursery:  # fmt: skip
        assert nursery.stdin is not None
        assert nursery.stdout is not None
        lines = _Lines(nursery.stdout.fileno())
        for turn in range(KILLS):
            nursery.stdin.write(f"{path} {turn} {ENTRIES}\n".encode())
            nursery.stdin.flush()
            early = turn % 5 == 4
            # Anywhere after the start, and between two lines as well; or while it starts.
            left = 0 if early else 1000 if turn == 0 else chance.randrange(1, 16)
            process = 0
            while left or not process:
                kind, *rest = lines.next()
                if kind == "begun":
                    [process] = rest
                else:
                    left -= kind != "ring" and left > 0
                    model.hear(kind, rest)
            time.sleep(chance.random() * (0.03 if early else 0.003))
            os.kill(process, signal.SIGKILL)
            while (line := lines.next()) != ["ended"]:
                model.hear(line[0], line[1:])
            with contextlib.closing(sqlite3.connect(path)) as database:
                assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        nursery.stdin.write(f"{path} {KILLS} 0\n".encode())
        nursery.stdin.flush()
        while (line := lines.next()) != ["idle"]:
            if line[0] == "begun":
                [_, process] = line
            else:
                model.hear(line[0], line[1:])
        os.kill(process, signal.SIGKILL)
        while lines.next() != ["ended"]:
            pass
        nursery.stdin.close()
    assert model.commands <= model.deeds.keys() | model.cut_off, "a command was lost"
    assert len(model.entries) > ENTRIES / 2
    assert len(model.settled) > KILLS / 4
    print(
        f"\n{KILLS} kills, {len(model.entries)} entries at the end, "
        f"{sum(model.rang.values())} rings, {len(model.settled)} silenced, "
        f"{len(model.commands)} commands, {len(model.cut_off)} cut off"
    )


class _Lines:
    def __init__(self, stream: int) -> None:
        self._stream = stream
        self._read = b""

    def next(self) -> list[Any]:
        """The next line; waits for it."""
        while b"\n" not in self._read:
            ready, _, _ = select.select([self._stream], [], [], _LIMIT_S)
            assert ready, "the process says nothing"
            more = os.read(self._stream, 65536)
            assert more, "the process has ended by itself"
            self._read += more
        line, _, self._read = self._read.partition(b"\n")
        said: list[Any] = json.loads(line)
        return said
