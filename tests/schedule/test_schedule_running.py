"""The schedule in real time under APScheduler, and after a kill -9."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from manual_clock import ManualClock

from assistant.clock import SystemClock
from assistant.errors import ScheduleError
from assistant.schedule.schedule import Ring, Schedule
from assistant.store.database import Database

LIMIT_S = 10.0


class Bell:
    """Collects rings and lets a test wait for them."""

    def __init__(self) -> None:
        self.rings: asyncio.Queue[tuple[Ring, float]] = asyncio.Queue()
        self.silent: asyncio.Queue[Ring] = asyncio.Queue()

    def ring(self, ring: Ring) -> None:
        self.rings.put_nowait((ring, time.monotonic()))

    async def next(self) -> tuple[Ring, float]:
        return await asyncio.wait_for(self.rings.get(), LIMIT_S)


async def test_a_timer_rings_in_time_and_ends_by_itself() -> None:
    schedule, bell = Schedule(Database.open(None), SystemClock(), ring_timeout_s=0.3), Bell()
    await schedule.start(bell.ring, bell.silent.put_nowait)
    started = time.monotonic()
    timer = schedule.start_timer(1.0, "tea")
    ring, at = await bell.next()
    assert ring.id == timer.id
    assert at - started == pytest.approx(1.0, abs=0.25)
    assert await asyncio.wait_for(bell.silent.get(), LIMIT_S) == ring
    assert schedule.ringing() == ()
    assert bell.rings.empty()
    await schedule.stop()


async def test_a_shorter_timer_set_later_rings_first() -> None:
    schedule, bell = Schedule(Database.open(None), SystemClock()), Bell()
    await schedule.start(bell.ring)
    schedule.start_timer(1.3, "long")
    cancelled = schedule.start_timer(1.2, "cancelled")
    schedule.start_timer(1.0, "short")
    schedule.cancel_timer(cancelled.id)
    assert [(await bell.next())[0].name for _ in range(2)] == ["short", "long"]
    await schedule.stop()


async def test_an_alarm_rings_on_the_wall_clock() -> None:
    schedule, bell = Schedule(Database.open(None), SystemClock()), Bell()
    await schedule.start(bell.ring)
    due = SystemClock().now() + dt.timedelta(seconds=1)
    schedule.set_alarm(due.time())
    ring, _ = await bell.next()
    assert ring.kind == "alarm"
    assert 0 <= ring.late_s < 0.25
    await schedule.stop()


async def test_a_clock_that_is_set_is_noticed_while_running() -> None:
    clock = ManualClock()
    schedule, bell = Schedule(Database.open(None), clock), Bell()
    await schedule.start(bell.ring)
    schedule.start_timer(3600, "timer")
    schedule.set_alarm(dt.time(13, 0), name="alarm")
    clock.set_wall(clock.now() + dt.timedelta(hours=1))
    ring, _ = await bell.next()
    assert ring.name == "alarm"
    assert bell.rings.empty()
    await schedule.stop()


async def test_a_stopped_schedule_rings_nothing_and_forgets_nothing() -> None:
    database, clock = Database.open(None), ManualClock()
    schedule, bell = Schedule(database, clock), Bell()
    await schedule.start(bell.ring)
    with pytest.raises(ScheduleError, match="runs already"):
        await schedule.start(bell.ring)
    schedule.start_timer(60)
    await schedule.stop()
    await schedule.stop()
    clock.advance(61)
    schedule.poll()
    assert bell.rings.empty()
    again = Schedule(database, clock)
    await again.start(bell.ring)
    assert (await bell.next())[0].kind == "timer"
    await again.stop()


SET_AND_HANG = """
import asyncio, datetime as dt, sys
from pathlib import Path
from assistant.clock import SystemClock
from assistant.schedule.schedule import Schedule
from assistant.store.database import Database

async def main():
    schedule = Schedule(Database.open(Path(sys.argv[1])), SystemClock())
    await schedule.start(lambda ring: None)
    async with schedule.saved():
        schedule.start_timer(1.5, "pizza", "kitchen")
        schedule.start_timer(3600, "roast")
        held = schedule.start_timer(500, "held")
        schedule.pause_timer(held.id)
        schedule.set_alarm(dt.time(6, 15), days=frozenset({0, 1, 2, 3, 4}), name="work")
    print("set", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def set_and_kill(path: Path) -> float:
    """Set timers in another process and kill it; the monotonic time at which they were set."""
    with subprocess.Popen(
        [sys.executable, "-c", SET_AND_HANG, str(path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "set\n"
        set_at = time.monotonic()
        os.kill(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    return set_at


async def test_timers_and_alarms_survive_a_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "assistant.db"
    set_at = set_and_kill(path)
    database = Database.open(path)
    assert database.damaged is None
    schedule, bell = Schedule(database, SystemClock()), Bell()
    await schedule.start(bell.ring)
    held = next(t for t in schedule.timers() if t.name == "held")
    roast = next(t for t in schedule.timers() if t.name == "roast")
    assert (held.paused, held.remaining_s) == (True, pytest.approx(500, abs=1))
    assert 3580 < roast.remaining_s <= 3600
    assert [(a.name, len(a.days)) for a in schedule.alarms()] == [("work", 5)]
    ring, at = await bell.next()
    assert (ring.name, ring.area) == ("pizza", "kitchen")
    assert at - set_at >= 1.2
    assert schedule.silence() == (ring,)
    await schedule.stop()
    database.close()

    database = Database.open(path)
    again = Schedule(database, SystemClock())
    await again.start(bell.ring)
    assert {t.name for t in again.timers()} == {"held", "roast"}
    assert bell.rings.empty()
    await again.stop()
    database.close()
