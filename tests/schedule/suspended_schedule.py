"""The process that `test_schedule_suspended.py` suspends, as far as its clocks can tell.

It moves itself into a time namespace (time_namespaces(7)) in which CLOCK_BOOTTIME is ahead and
CLOCK_MONOTONIC is not: what a machine that wakes from suspend shows. It has one thread, as the
kernel asks of who does so. One JSON array a line says what rings and when.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import asyncio
import ctypes
import json
import subprocess
import sys
import time
from pathlib import Path

from assistant.clock import SystemClock
from assistant.schedule.entries import Ring
from assistant.schedule.schedule import Schedule
from assistant.store.database import Database

_NEW_TIME_NAMESPACE = 0x80  # CLONE_NEWTIME of <sched.h>


def say(*words: object) -> None:
    os.write(1, json.dumps(words).encode() + b"\n")


def sleep_s(seconds: int) -> None:
    """Have `seconds` pass as they do for a machine that is suspended. Raises `OSError`."""
    command = ["unshare", "--time", "--boottime", str(seconds), "--fork", "sh", "-c", "echo; cat"]
    keeper = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert keeper.stdin is not None and keeper.stdout is not None
    keeper.stdout.readline()
    children = Path(f"/proc/{keeper.pid}/task/{keeper.pid}/children").read_text("ascii").split()
    namespace = os.open(f"/proc/{children[0]}/ns/time", os.O_RDONLY)
    if ctypes.CDLL(None, use_errno=True).setns(namespace, _NEW_TIME_NAMESPACE):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    os.close(namespace)
    keeper.stdin.close()
    keeper.wait()


async def main(path: Path) -> None:
    schedule = Schedule(Database.open(path), SystemClock(), boot="this boot")
    woke_at = 0.0

    def on_ring(ring: Ring) -> None:
        waited = round(time.monotonic() - woke_at, 2)
        say("missed" if ring.missed else "ring", ring.name, round(ring.late_s), waited)

    schedule.start_timer(1200, "roast")
    schedule.start_timer(1750, "tea")
    schedule.start_timer(7200, "bread")
    schedule.start_timer(1900, "held")
    [held] = [timer for timer in schedule.timers() if timer.name == "held"]
    schedule.pause_timer(held.id)
    await schedule.start(on_ring)
    await asyncio.sleep(1.2)
    say("before", {timer.name: round(timer.remaining_s) for timer in schedule.timers()})
    monotonic, counted = time.monotonic(), time.clock_gettime(time.CLOCK_BOOTTIME)
    sleep_s(1800)
    woke_at = time.monotonic()
    say("slept", round(time.clock_gettime(time.CLOCK_BOOTTIME) - counted - (woke_at - monotonic)))
    await asyncio.sleep(2.5)
    say("after", {timer.name: round(timer.remaining_s) for timer in schedule.timers()})
    await schedule.stop()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
