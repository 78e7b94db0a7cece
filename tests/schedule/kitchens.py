"""A schedule to play with: its clock is turned by the test, and all it calls out is kept."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from manual_clock import BERLIN, ManualClock

from assistant.schedule.schedule import Ring, Schedule
from assistant.store.database import Database

RING_TIMEOUT_S = 300.0


class Kitchen:
    """A schedule on a database file, its clock, and everything it has called out."""

    def __init__(self, path: Path, clock: ManualClock, **options: Any) -> None:
        self.clock = clock
        self.options = options
        self.path = path
        self.database = Database.open(path)
        self.schedule = Schedule(self.database, clock, ring_timeout_s=RING_TIMEOUT_S, **options)
        self.rang: list[Ring] = []
        self.fell_silent: list[Ring] = []
        self.to_do: list[Ring] = []
        # As `start` does, without the wheels that turn by real time.
        self.schedule.attend(self.rang.append, self.fell_silent.append, self.to_do.append)
        self.schedule.poll()

    def pass_time(self, seconds: float) -> None:
        """Turn the clock from one event to the next, as the wheels would."""
        while seconds > 0:
            step = self.schedule.next_s()
            step = seconds if step is None else min(seconds, step)
            self.clock.advance(step)
            seconds -= step
            self.schedule.poll()
            if step == 0:
                seconds -= 1e-6

    def restarted(self, off_s: float = 0.0) -> Kitchen:
        """The same kitchen after a crash: nothing was said good-bye to."""
        self.database.close()
        clock = self.clock.restarted()
        clock.advance(off_s)
        return Kitchen(self.path, clock, **self.options)


def wall(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=BERLIN)
