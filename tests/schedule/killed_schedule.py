"""The process that `test_schedule_killed.py` kills: a schedule that changes all the time.

It says each change before it is made and when it is on the disk, one JSON array a line. The disk
takes its time, before and after it has taken a commit. What it takes to start is loaded once: each
life is a fork, begun by a line on standard input.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import apscheduler.schedulers.asyncio  # noqa: F401  (loaded before the first life)

from assistant.schedule.commands import Command
from assistant.schedule.entries import Ring
from assistant.schedule.recurrence import Rule
from assistant.schedule.schedule import Schedule
from assistant.store.database import Database
from assistant.store.writing import Statement
from assistant.types import Intent

STALL_S = 0.004
"""The longest that the disk hesitates."""


class Clock:
    """The machine's clock in a fixed zone: starting must be cheap."""

    def monotonic(self) -> float:
        return time.monotonic()

    def elapsed(self) -> float:
        return time.monotonic()

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)


class Disk(Database):
    """One that hesitates."""

    def _write(self, statements: Sequence[Statement]) -> None:
        time.sleep(random.random() * STALL_S)
        super()._write(statements)
        time.sleep(random.random() * STALL_S)


def say(*words: object) -> None:
    os.write(1, json.dumps(words).encode() + b"\n")


def state(schedule: Schedule) -> dict[str, str]:
    """Everything that is there, by name; a name that is there twice shows."""
    found: list[tuple[str, str]] = []
    for timer in (*schedule.timers(), *schedule.ringing_timers()):
        held = f" held at {timer.remaining_s:.3f}" if timer.paused else ""
        found.append((timer.name, f"timer of {timer.duration_s:.0f}{held}"))
    found += [
        (alarm.name, f"alarm {alarm.time} {sorted(alarm.days)} {alarm.enabled}")
        for alarm in schedule.alarms()
    ]
    found += [(reminder.text, "reminder") for reminder in schedule.reminders()]
    found += [(item.text, "item") for item in schedule.lists.items("shopping")]
    names = [name for name, _ in found]
    assert len(set(names)) == len(names), "something is there twice"
    return dict(found)


COMMAND = Command.of([Intent("HassTurnOn", {"name": "lamp"})])


class Life:
    """Random changes, and rings that are silenced at once or left to a later life."""

    def __init__(self, schedule: Schedule, turn: int, most: int) -> None:
        self.schedule = schedule
        self.chance = random.Random(turn)
        self.turn = turn
        self.most = most
        self.count = 0
        self.doing: set[asyncio.Task[None]] = set()

    def name(self) -> str:
        self.count += 1
        return f"n{self.turn}x{self.count}"

    def on_ring(self, ring: Ring) -> None:
        say("cut off" if ring.cut_off else "ring", ring.name)

    def on_command(self, ring: Ring) -> None:
        task = asyncio.create_task(self.do(ring))
        self.doing.add(task)
        task.add_done_callback(self.doing.discard)

    async def do(self, ring: Ring) -> None:
        """Do it: what is done once leaves the books before, what may be done twice after."""
        if ring.name.startswith("once"):
            async with self.schedule.saved():
                begun = self.schedule.begin(ring.id)
            if not begun:
                return
        say("deed", ring.name)
        self.schedule.done(ring.id)

    async def silence(self) -> None:
        ringing = self.schedule.ringing()
        if ringing and self.chance.random() < 0.2:
            say("begin", "silence", "", [ring.name for ring in ringing])
            async with self.schedule.saved():
                self.schedule.silence()
            say("done")

    async def change(self) -> None:
        async with self.schedule.saved():
            self.begin_change()
        say("done")

    def begin_change(self) -> None:
        schedule, chance = self.schedule, self.chance
        timers, alarms = schedule.timers(), schedule.alarms()
        room = len(timers) + len(alarms) < self.most
        way = chance.randrange(9) if room else chance.randrange(4, 9)
        name = self.name()
        if way <= 1:
            long = chance.randrange(600, 9000)
            say("begin", "set", name, f"timer of {long}")
            schedule.start_timer(long, name)
        elif way == 2:
            at = dt.time(chance.randrange(24), chance.randrange(60))
            days = frozenset({chance.randrange(7), chance.randrange(7)})
            say("begin", "set", name, f"alarm {at} {sorted(days)} True")
            schedule.set_alarm(at, days=days, name=name)
        elif way == 3:
            say("begin", "set", name, "timer of 1")
            schedule.start_timer(1, name)
        elif way == 4 and timers:
            timer = chance.choice(timers)
            say("begin", "cancel", timer.name, "")
            schedule.cancel_timer(timer.id)
        elif way == 5 and alarms:
            alarm = chance.choice(alarms)
            what = f"alarm {alarm.time} {sorted(alarm.days)} {not alarm.enabled}"
            say("begin", "set", alarm.name, what)
            schedule.enable_alarm(alarm.id, not alarm.enabled)
        elif way == 6:
            say("begin", "set", name, "item")
            schedule.lists.add("shopping", [name])
        elif way == 8:
            text = f"{chance.choice(('once', 'twice'))} {name}"
            say("begin", "command", text, "")
            schedule.do_in(1, COMMAND, text)
        else:
            say("begin", "set", name, "reminder")
            schedule.remind_at(Rule(dt.time(7), frozenset({0})), name)


async def live(path: Path, turn: int, most: int) -> None:
    """Open, tell what is there, then change until killed."""
    schedule = Schedule(Disk.open(path), Clock(), boot="one boot", ring_timeout_s=3600)
    life = Life(schedule, turn, most)
    say("state", state(schedule))
    await schedule.start(life.on_ring, on_command=life.on_command)
    while turn == 0 and len(schedule.timers()) + len(schedule.alarms()) < most:
        await life.change()
    while most == 0:  # the last life only does what is still to be done
        await asyncio.sleep(0.1)
        if not schedule.commands():
            say("idle")
    while True:
        await life.change()
        await life.silence()
        await asyncio.sleep(0)


for order in sys.stdin:
    database, number, entries = order.split()
    process = os.fork()
    if not process:
        asyncio.run(live(Path(database), int(number), int(entries)))
    say("begun", process)
    os.waitpid(process, 0)
    say("ended")
