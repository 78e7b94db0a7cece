"""No ring waits for the disk; what is said does, and what the disk refuses has not happened."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from manual_clock import ManualClock
from slow_disks import SlowDisk

from assistant.clock import SystemClock
from assistant.errors import ScheduleError, StoreError
from assistant.schedule.commands import Command
from assistant.schedule.requests import carry_out
from assistant.schedule.schedule import Schedule
from assistant.types import Intent

LIMIT_S = 10.0
RING_TIMEOUT_S = 1800.0
EVERY_DAY = frozenset(range(7))
COMMAND = Command.of([Intent("HassTurnOn", {"name": "lamp"})])


class Home:
    """A schedule on a slow disk, on a clock that the test turns; all it calls out is kept."""

    def __init__(self, path: Path | None, clock: ManualClock | None = None) -> None:
        self.clock = clock or ManualClock()
        self.disk = SlowDisk.open(path)
        self.schedule = Schedule(self.disk, self.clock, RING_TIMEOUT_S, boot="this boot")
        self.rang: list[str] = []
        self.silent: list[str] = []
        self.to_do: list[str] = []
        self.heard: list[bool] = []
        """Whether a ring sounds, each time that this has changed after it began."""
        self.schedule.attend(
            lambda ring: self.rang.append(ring.name),
            lambda ring: self.silent.append(ring.name),
            lambda ring: self.to_do.append(ring.id),
            lambda ring, sounds: self.heard.append(sounds),
        )
        self.disk.writer.start()

    async def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.schedule.poll()
        await asyncio.sleep(0)

    async def saved(self, change: Callable[[], object]) -> None:
        async with self.schedule.saved():
            change()

    def begin(self, change: Callable[[], object]) -> asyncio.Task[None]:
        """Somebody has something changed, and waits to be told that it was."""
        return asyncio.create_task(self.saved(change))

    def restarted(self) -> Home:
        """After a crash: what was on its way to the disk is lost."""
        self.disk._connection.close()
        self.disk.close()
        return Home(self.disk.path, self.clock)


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    """Monday 2026-01-05, 12:00 in Berlin."""
    home = Home(tmp_path / "assistant.db")
    yield home
    home.disk.let_go()
    with contextlib.suppress(sqlite3.Error):
        home.disk.close()


def on_the_disk(home: Home, table: str = "countdowns") -> int:
    """How many entries another program sees."""
    with contextlib.closing(sqlite3.connect(str(home.disk.path))) as other:
        return int(other.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


async def test_a_ring_begins_in_real_time_while_the_disk_hangs(tmp_path: Path) -> None:
    disk, rings = SlowDisk.open(tmp_path / "assistant.db"), asyncio.Queue[tuple[str, float]]()
    schedule = Schedule(disk, SystemClock())
    await schedule.start(lambda ring: rings.put_nowait((ring.name, time.monotonic())))
    started = time.monotonic()
    async with schedule.saved():
        schedule.start_timer(1.0, "tea")
    disk.hold()
    schedule.start_timer(500, "roast")
    await asyncio.sleep(0.3)
    schedule.start_timer(700, "bread")
    name, at = await asyncio.wait_for(rings.get(), LIMIT_S)
    assert (name, at - started) == ("tea", pytest.approx(1.0, abs=0.25))
    assert [timer.name for timer in schedule.timers()] == ["roast", "bread"]
    disk.let_go()
    await schedule.stop()
    disk.close()


async def test_what_is_said_waits_for_the_disk(home: Home) -> None:
    home.disk.hold()
    told = home.begin(lambda: home.schedule.start_timer(600, "roast"))
    also = home.begin(lambda: home.schedule.lists.add("shopping", ["milk"]))
    await asyncio.sleep(0.05)
    assert not told.done() and not also.done()
    assert on_the_disk(home) == 0
    home.disk.let_go()
    await asyncio.wait_for(asyncio.gather(told, also), LIMIT_S)
    assert (on_the_disk(home), on_the_disk(home, "items")) == (1, 1)


async def test_who_has_changed_nothing_waits_for_nobody(home: Home) -> None:
    home.disk.hold()
    told = home.begin(lambda: home.schedule.start_timer(600))
    await asyncio.sleep(0)
    await asyncio.wait_for(home.saved(home.schedule.timers), LIMIT_S)
    assert not told.done()
    home.disk.let_go()
    await told


async def test_what_the_disk_refuses_has_not_happened(home: Home) -> None:
    await home.saved(lambda: home.schedule.start_timer(600, "roast"))
    [roast] = home.schedule.timers()
    home.disk.hold()
    home.disk.refuse()
    mark = home.schedule.mark()
    changes = [
        home.begin(change)
        for change in (
            lambda: home.schedule.add_to_timer(roast.id, 60),
            lambda: home.schedule.pause_timer(roast.id),
            lambda: home.schedule.start_timer(60, "tea"),
            lambda: home.schedule.set_alarm(dt.time(7), days=EVERY_DAY),
            lambda: home.schedule.lists.add("shopping", ["milk", "eggs"]),
            lambda: home.schedule.routines.learn("movie time", "lamp on", COMMAND),
            lambda: home.schedule.cancel_timer(roast.id),
        )
    ]
    await asyncio.sleep(0.05)
    assert len(home.schedule.changes_since(mark)) == 8
    home.disk.let_go()
    results = await asyncio.gather(*changes, return_exceptions=True)
    assert all(isinstance(result, StoreError) for result in results), results
    assert home.schedule.timers() == (roast,)
    assert (home.schedule.alarms(), home.schedule.lists.items("shopping")) == ((), ())
    assert home.schedule.routines.all() == ()
    assert home.schedule.changes_since(mark) == ()
    home.disk.refuse(False)
    await home.saved(lambda: home.schedule.start_timer(60, "egg"))
    assert on_the_disk(home) == 2
    await home.pass_time(601)
    assert home.rang == ["egg", "roast"]


async def test_a_request_of_which_the_disk_refuses_a_part_is_told_so(home: Home) -> None:
    def several() -> None:
        carry_out(home.schedule, "timers", {"do": "start", "seconds": 60, "name": "tea"})
        carry_out(home.schedule, "lists", {"do": "add", "items": ["milk"]})

    home.disk.refuse()
    with pytest.raises(StoreError, match="read-only"):
        await home.saved(several)
    assert (home.schedule.timers(), home.schedule.lists.items("shopping")) == ((), ())


async def test_a_ring_is_silent_at_once_and_ends_once_the_disk_knows(home: Home) -> None:
    await home.saved(lambda: home.schedule.set_alarm(dt.time(12, 1), days=EVERY_DAY, name="work"))
    await home.pass_time(61)
    home.disk.hold()
    told = home.begin(home.schedule.silence)
    await asyncio.sleep(0.05)
    assert (home.silent, len(home.schedule.ringing())) == ([], 1)
    assert (home.heard, home.schedule.sounding()) == ([False], ())
    assert home.schedule.snooze(60) == ()
    await home.saved(home.schedule.silence)  # again, and it does not skip tomorrow's
    await home.pass_time(RING_TIMEOUT_S)  # after which it would end by itself
    assert home.schedule.next_s() is not None and home.schedule.next_s() > 0
    home.disk.let_go()
    await asyncio.wait_for(told, LIMIT_S)
    assert (home.silent, home.schedule.ringing()) == (["work"], ())
    assert [alarm.next_ring.day for alarm in home.schedule.alarms()] == [6]
    again = home.restarted()
    again.schedule.poll()
    assert (again.rang, again.schedule.ringing()) == ([], ())


async def test_what_was_silenced_but_not_yet_kept_rings_on_after_a_crash(home: Home) -> None:
    await home.saved(lambda: home.schedule.start_timer(60, "tea"))
    await home.pass_time(61)
    home.disk.hold()
    told = home.begin(home.schedule.silence)
    await asyncio.sleep(0.05)
    told.cancel()
    assert home.silent == []
    with contextlib.closing(sqlite3.connect(str(home.disk.path))) as other:
        assert other.execute("SELECT name FROM countdowns").fetchall() == [("tea",)]


async def test_it_falls_silent_also_where_the_disk_refuses(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    await home.saved(lambda: home.schedule.start_timer(60, "tea"))
    await home.pass_time(61)
    home.disk.refuse()
    await home.saved(home.schedule.silence)
    assert (home.silent, home.schedule.ringing()) == (["tea"], ())
    assert "stays due in the database" in caplog.text


@pytest.mark.parametrize("change", ["snooze", "cancel", "add"])
async def test_a_change_of_what_rings_that_the_disk_refuses_lets_it_ring_on(
    home: Home, change: str
) -> None:
    await home.saved(lambda: home.schedule.start_timer(60, "tea"))
    await home.pass_time(61)
    [tea] = home.schedule.ringing_timers()
    home.disk.refuse()
    with pytest.raises(StoreError):
        await home.saved(
            {
                "snooze": lambda: home.schedule.snooze(60),
                "cancel": lambda: home.schedule.cancel_timer(tea.id),
                "add": lambda: home.schedule.add_to_timer(tea.id, 60),
            }[change]
        )
    assert ([ring.name for ring in home.schedule.ringing()], home.silent) == (["tea"], [])
    assert home.heard == [False, True]
    await home.pass_time(61)
    assert home.rang == ["tea"]
    home.disk.refuse(False)
    await home.saved(home.schedule.silence)
    assert home.silent == ["tea"]


@pytest.mark.parametrize("days", [frozenset(), EVERY_DAY])
async def test_an_alarm_that_the_disk_does_not_let_be_put_off_rings_on_and_then_ends_for_good(
    home: Home, days: frozenset[int]
) -> None:
    await home.saved(lambda: home.schedule.set_alarm(dt.time(12, 1), days=days, name="work"))
    await home.pass_time(61)
    home.disk.refuse()
    with pytest.raises(StoreError):
        await home.saved(lambda: home.schedule.snooze(60))
    assert ([ring.name for ring in home.schedule.ringing()], home.silent) == (["work"], [])
    home.disk.refuse(False)
    await home.saved(home.schedule.silence)
    assert home.silent == ["work"]
    assert [alarm.next_ring.day for alarm in home.schedule.alarms()] == ([6] if days else [])
    again = home.restarted()
    again.schedule.poll()
    assert again.rang == []
    assert [alarm.next_ring.day for alarm in again.schedule.alarms()] == ([6] if days else [])


async def test_what_is_put_off_and_due_again_before_the_disk_knows_rings_again(home: Home) -> None:
    await home.saved(lambda: home.schedule.start_timer(60, "tea"))
    await home.pass_time(61)
    home.disk.hold()
    told = home.begin(lambda: home.schedule.snooze(5))
    await asyncio.sleep(0.05)
    await home.pass_time(6)
    assert home.rang == ["tea", "tea"]
    home.disk.let_go()
    await asyncio.wait_for(told, LIMIT_S)
    assert ([ring.name for ring in home.schedule.ringing()], home.silent) == (["tea"], [])


async def test_a_timer_shorter_than_the_disk_is_slow_rings_in_time(home: Home) -> None:
    home.disk.hold()
    told = home.begin(lambda: home.schedule.start_timer(1, "egg"))
    await asyncio.sleep(0.05)
    await home.pass_time(1)
    assert (home.rang, told.done()) == (["egg"], False)
    stopped = home.begin(home.schedule.silence)
    home.disk.let_go()
    await asyncio.wait_for(asyncio.gather(told, stopped), LIMIT_S)
    assert (on_the_disk(home), home.silent) == (0, ["egg"])


async def test_a_refused_change_of_what_was_dealt_with_meanwhile_does_not_bring_it_back(
    home: Home,
) -> None:
    await home.saved(lambda: home.schedule.start_timer(60, "tea"))
    [tea] = home.schedule.timers()
    home.disk.hold()
    home.disk.refuse()
    told = home.begin(lambda: home.schedule.change_timer(tea.id, 1))
    await asyncio.sleep(0.05)
    await home.pass_time(1)
    stopped = home.begin(home.schedule.silence)
    await asyncio.sleep(0.05)
    home.disk.let_go()
    await asyncio.wait_for(stopped, LIMIT_S)
    with pytest.raises(StoreError):
        await told
    await home.pass_time(3600)
    assert (home.rang, home.silent, home.schedule.timers()) == (["tea"], ["tea"], ())


async def test_what_must_not_be_done_twice_is_begun_once_the_disk_knows(home: Home) -> None:
    await home.saved(lambda: home.schedule.do_in(60, COMMAND, "lamp on"))
    await home.pass_time(60)
    [key] = home.to_do
    home.disk.hold()
    begun = home.begin(lambda: home.schedule.begin(key))
    await asyncio.sleep(0.05)
    assert not begun.done()
    home.disk.let_go()
    await asyncio.wait_for(begun, LIMIT_S)
    again = home.restarted()
    again.schedule.poll()
    assert (again.to_do, again.rang) == ([], ["lamp on"])


async def test_what_was_missed_is_told_once_the_disk_knows(home: Home) -> None:
    await home.saved(lambda: home.schedule.start_timer(60, "tea"))
    home.disk.hold()
    await home.pass_time(3600)
    assert home.rang == []
    home.disk.let_go()
    await asyncio.wait_for(home.disk.writer.idle(), LIMIT_S)
    assert (home.rang, on_the_disk(home)) == (["tea"], 0)


async def test_closing_brings_all_to_the_disk(home: Home) -> None:
    home.disk.hold()
    for name in ("tea", "egg", "roast"):
        home.schedule.start_timer(600, name)
        await asyncio.sleep(0.02)
    asyncio.get_running_loop().run_in_executor(None, lambda: (time.sleep(0.1), home.disk.let_go()))
    home.disk.close()
    again = Home(home.disk.path, home.clock)
    assert {timer.name for timer in again.schedule.timers()} == {"tea", "egg", "roast"}
    again.disk.close()


CHANGES: dict[str, Callable[[Schedule, int], object]] = {
    "start": lambda s, n: s.start_timer(n + 1, f"t{n}"),
    "add": lambda s, n: s.add_to_timer(_some(s.timers(), n).id, n - 20),
    "change": lambda s, n: s.change_timer(_some(s.timers(), n).id, n + 1),
    "pause": lambda s, n: s.pause_timer(_some(s.timers(), n).id),
    "resume": lambda s, n: s.resume_timer(_some(s.timers(), n).id),
    "cancel": lambda s, n: s.cancel_timer(_some(s.timers(), n).id),
    "sound": lambda s, n: s.set_sound("bell", _some(s.timers(), n).id),
    "alarm": lambda s, n: s.set_alarm(dt.time(12, 1 + n % 2), days=EVERY_DAY, name=f"a{n}"),
    "skip": lambda s, n: s.skip_alarm(_some(s.alarms(), n).id),
    "disable": lambda s, n: s.enable_alarm(_some(s.alarms(), n).id, n % 2 == 0),
    "forget": lambda s, n: s.cancel_alarm(_some(s.alarms(), n).id),
    "snooze": lambda s, n: s.snooze(n + 1),
    "restart": lambda s, n: s.restart_timer(_some(s.ringing_timers(), n).id),
    "list": lambda s, n: s.lists.add("shopping", [f"i{n}", f"j{n}"]),
    "tick": lambda s, n: s.lists.tick(_some(s.lists.items("shopping"), n).id),
    "clear": lambda s, n: s.lists.clear("shopping"),
    "learn": lambda s, n: s.routines.learn(f"r{n % 3}", f"text {n}", COMMAND),
    "undo": lambda s, n: s.revert(s.changes_since(max(0, s.mark() - n % 4))),
}
"""What is changed by a number; on nothing it raises `ScheduleError`."""


def _some(entries: tuple[object, ...], number: int) -> object:
    if not entries:
        raise ScheduleError("there is none")
    return entries[number % len(entries)]


def _all(schedule: Schedule) -> tuple[object, ...]:
    return (
        {timer.id: timer for timer in schedule.timers()},
        {alarm.id: alarm for alarm in schedule.alarms()},
        {ring.id for ring in schedule.ringing()},
        schedule.lists.items("shopping", done=True), schedule.routines.all(),
    )  # fmt: skip


_STEPS = st.lists(st.tuples(st.sampled_from(sorted(CHANGES)), st.integers(0, 60)), max_size=12)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(before=_STEPS, meanwhile=_STEPS, taken=st.booleans())
def test_after_a_refusal_memory_holds_what_the_disk_does(
    before: list[tuple[str, int]], meanwhile: list[tuple[str, int]], taken: bool
) -> None:
    """Whatever is changed while the disk hangs: all of it is there then, or none."""

    async def play() -> None:
        home = Home(None)
        for name, number in before:
            await home.pass_time(number / 2)
            await home.saved(lambda step=(name, number): _play(home.schedule, [step]))
        home.schedule.poll()
        was = _all(home.schedule)
        home.disk.hold()
        home.disk.refuse(not taken)
        _play(home.schedule, meanwhile)
        home.disk.let_go()
        await asyncio.wait_for(home.disk.writer.idle(), LIMIT_S)
        assert taken or _all(home.schedule) == was
        again = Schedule(home.disk, home.clock, boot="this boot")
        for seconds in (0, 50):
            home.clock.advance(seconds)
            home.schedule.poll()
            again.poll()
            assert _all(home.schedule) == _all(again)
        home.disk.refuse(False)
        for schedule in (home.schedule, again):
            await home.saved(schedule.silence)
        assert _all(home.schedule) == _all(again)
        home.disk.close()

    asyncio.run(play())


def _play(schedule: Schedule, steps: list[tuple[str, int]]) -> None:
    for name, number in steps:
        with contextlib.suppress(ScheduleError):
            CHANGES[name](schedule, number)
