"""What turns by itself: APScheduler wakes the schedule at the next moment that matters.

As APScheduler sleeps by the wall clock, a look once a second finds out when the clock was set.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from assistant.ports import Clock

if TYPE_CHECKING:
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

_LOOK_S = 1.0
_JOB = "next"
_MOST_AT_ONCE = 100
"""What is due may at once have something else be due, before its own job has ended."""


class Wheels:
    """Calls `turn` when it was armed for, and once a second. Belongs to the event loop."""

    def __init__(self, clock: Clock, turn: Callable[[], None]) -> None:
        self._clock = clock
        self._turn = turn
        self._scheduler: AsyncIOScheduler | None = None
        self._look: asyncio.TimerHandle | None = None
        self._armed: float | None = None
        """Monotonic time for which APScheduler's job is set."""

    @property
    def running(self) -> bool:
        """Whether it was started."""
        return self._scheduler is not None

    def start(self) -> None:
        """Begin to turn."""
        from apscheduler.schedulers.asyncio import AsyncIOScheduler

        # At INFO it would tell of every job added; our own lines tell the story.
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        self._scheduler = AsyncIOScheduler(event_loop=asyncio.get_running_loop(), timezone=dt.UTC)
        self._scheduler.start()
        self._look_again()

    async def stop(self) -> None:
        """Stand still."""
        if self._scheduler is None:
            return
        if self._look is not None:
            self._look.cancel()
        self._scheduler.shutdown(wait=False)
        self._scheduler, self._armed = None, None
        await asyncio.sleep(0)

    def disarm(self) -> None:
        """Forget what was armed for: the clock was set."""
        self._armed = None

    def arm(self, wait_s: float | None) -> None:
        """Turn in `wait_s` seconds, and not sooner; None: nothing is to come."""
        if self._scheduler is None:
            return
        if wait_s is None:
            if self._armed is not None and self._scheduler.get_job(_JOB) is not None:
                self._scheduler.remove_job(_JOB)
            self._armed = None
            return
        at = self._clock.monotonic() + wait_s
        if self._armed is not None and abs(at - self._armed) < 0.01:
            return
        self._armed = at
        self._scheduler.add_job(
            self._wake,
            "date",
            run_date=dt.datetime.now(dt.UTC) + dt.timedelta(seconds=wait_s),
            id=_JOB,
            replace_existing=True,
            max_instances=_MOST_AT_ONCE,
            misfire_grace_time=None,
        )

    def _look_again(self) -> None:
        self._look = asyncio.get_running_loop().call_later(_LOOK_S, self._look_again)
        self._turn()

    async def _wake(self) -> None:
        self._armed = None
        self._turn()
