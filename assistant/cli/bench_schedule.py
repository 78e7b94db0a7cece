"""The schedule phase of `assistant bench`: how late rings begin, and a start with many entries."""

from __future__ import annotations

import asyncio
import datetime as dt
import multiprocessing
import os
import time
from collections.abc import Sequence
from pathlib import Path

from assistant.clock import SystemClock
from assistant.schedule.entries import Ring
from assistant.schedule.schedule import Schedule
from assistant.store.appointments import AppointmentRecord, AppointmentRepository
from assistant.store.countdowns import CountdownRecord, CountdownRepository
from assistant.store.database import Database
from assistant.store.writing import Statement

ENTRIES = 10_000
RINGS = 300
_APART_S = 0.02
_LIMIT_S = 60.0
_STALL_S = 0.5


class _SlowDisk(Database):
    """One that takes half a second for each commit, as a bad card does."""

    def _write(self, statements: Sequence[Statement]) -> None:
        time.sleep(_STALL_S)
        super()._write(statements)


async def lateness_ms(path: Path, rings: int = RINGS, *, slow_disk: bool = False) -> list[float]:
    """Milliseconds by which rings begin too late, while every core is kept busy by others.

    Timers in a database on the disk at `path`; each is due at a moment of its own, and silenced
    at once, so that the disk is written to as well.
    """
    burners = [
        multiprocessing.Process(target=_burn, daemon=True) for _ in range(os.cpu_count() or 1)
    ]
    clock = SystemClock()
    open_ = _SlowDisk.open if slow_disk else Database.open
    database = await asyncio.to_thread(open_, path)
    schedule = Schedule(database, clock)
    due: dict[str, float] = {}
    late: list[float] = []
    done = asyncio.Event()

    def ring(rings_now: Ring) -> None:
        late.append((clock.elapsed() - due[rings_now.id]) * 1000)
        asyncio.get_running_loop().call_soon(schedule.silence)
        if len(late) == rings:
            done.set()

    for burner in burners:
        burner.start()
    try:
        await schedule.start(ring)
        for number in range(rings):
            length = 2 + number * _APART_S
            started = clock.elapsed()
            due[schedule.start_timer(length).id] = started + length
        await asyncio.wait_for(done.wait(), _LIMIT_S + rings * _APART_S)
    finally:
        await schedule.stop()
        database.close()
        for burner in burners:
            burner.kill()
    return late


def start_s(path: Path, entries: int = ENTRIES) -> float:
    """Seconds to open the database at `path` with so many timers and alarms, and to look at all."""
    database = Database.open(path)
    ends, days = time.time() + 86_400, frozenset(range(5))
    date = dt.date.today() + dt.timedelta(days=1)
    CountdownRepository(database).save(
        *(
            CountdownRecord(f"t{n}", "timer", f"timer {n}", None, 90_000.0, ends + n, None, 90_000)
            for n in range(entries // 2)
        )
    )
    AppointmentRepository(database).save(
        *(
            AppointmentRecord(
                f"a{n}", "alarm", f"alarm {n}", None, dt.time(n % 24, n % 60), days, date
            )
            for n in range(entries // 2)
        )
    )
    database.close()
    began = time.perf_counter()
    database = Database.open(path)
    schedule = Schedule(database, SystemClock(), boot="bench")
    schedule.poll()
    took = time.perf_counter() - began
    database.close()
    return took


def _burn() -> None:
    while True:
        sum(range(10_000))
