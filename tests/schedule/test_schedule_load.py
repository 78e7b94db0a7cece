"""How fast it is: reported, not asserted, for the machine that runs the tests is anybody's."""

from __future__ import annotations

import asyncio
import datetime as dt
import multiprocessing
import time
from pathlib import Path

from assistant.clock import SystemClock
from assistant.schedule.entries import Ring
from assistant.schedule.schedule import Schedule
from assistant.store.appointments import AppointmentRecord, AppointmentRepository
from assistant.store.countdowns import CountdownRecord, CountdownRepository
from assistant.store.database import Database

ITEMS = 10_000
RINGS = 200


def test_ten_thousand_items_are_all_there_after_a_start(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "assistant.db")
    ends = time.time() + 86_400
    CountdownRepository(database).save(
        *(
            CountdownRecord(f"t{n}", "timer", f"timer {n}", None, 90_000.0, ends + n, None, 90_000)
            for n in range(ITEMS // 2)
        )
    )
    days, date = frozenset(range(5)), dt.date.today() + dt.timedelta(days=1)
    AppointmentRepository(database).save(
        *(
            AppointmentRecord(
                f"a{n}", "alarm", f"alarm {n}", None, dt.time(n % 24, n % 60), days, date
            )
            for n in range(ITEMS // 2)
        )
    )
    database.close()
    started = time.perf_counter()
    database = Database.open(tmp_path / "assistant.db")
    schedule = Schedule(database, SystemClock(), boot="b")
    schedule.poll()
    loaded = time.perf_counter()
    schedule.poll()
    polled = time.perf_counter()
    assert len(schedule.timers()) + len(schedule.alarms()) == ITEMS
    print(
        f"\n{ITEMS} items: start {loaded - started:.3f} s, a look {(polled - loaded) * 1e3:.2f} ms"
    )
    database.close()


async def test_timers_ring_on_a_machine_with_both_cores_loaded() -> None:
    burners = [multiprocessing.Process(target=_burn, daemon=True) for _ in range(2)]
    for burner in burners:
        burner.start()
    late: list[float] = []
    done = asyncio.Event()

    def ring(due: Ring) -> None:
        late.append(due.late_s)
        if len(late) == RINGS:
            done.set()

    schedule = Schedule(Database.open(None), SystemClock())
    try:
        await schedule.start(ring)
        for number in range(RINGS):
            schedule.start_timer(1 + number * 0.02)
        await asyncio.wait_for(done.wait(), 60)
    finally:
        await schedule.stop()
        for burner in burners:
            burner.kill()
    late.sort()
    p50, p99 = late[RINGS // 2], late[RINGS * 99 // 100 - 1]
    print(f"\n{RINGS} rings: p50 {p50 * 1e3:.1f} ms, p99 {p99 * 1e3:.1f} ms late")


def _burn() -> None:
    while True:
        sum(range(10_000))
