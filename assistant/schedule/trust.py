"""Whether the wall clock can be believed, and when it was set.

A machine without a clock of its own starts with a wrong time and learns the right one from the
network: until then nothing that is due by the wall clock may come.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from assistant.errors import StoreError
from assistant.ports import Clock
from assistant.store.kept import Kept

_LOG = logging.getLogger(__name__)
_JUMP_S = 1.0
_SET_IN = "clock set in boot"


class Trust:
    """Watches the wall clock. `is_set` says whether the machine knows the time."""

    def __init__(self, clock: Clock, is_set: Callable[[], bool], kept: Kept, boot: str) -> None:
        self._clock = clock
        self._is_set = is_set
        self._kept = kept
        self._boot = boot
        self._offset = self._wall_offset()
        self.known = is_set() or (bool(boot) and kept.get(_SET_IN) == boot)
        """Whether the time is known."""
        if not self.known:
            _LOG.warning("the time is not known yet: alarms wait until it is")

    def look(self) -> bool:
        """Whether the clock was set since the last look; the time is known then."""
        offset = self._wall_offset()
        jumped = abs(offset - self._offset) > _JUMP_S
        if jumped:
            _LOG.info("the clock was set by %+.0f s: timers go on as before", offset - self._offset)
        self._offset = offset
        if not self.known and (jumped or self._is_set()):
            self.known = True
            _LOG.info("the time is known now")
            self._remember()
            return True
        return jumped

    def _remember(self) -> None:
        """So that a restart of the assistant alone does not wait for another jump."""
        try:
            self._kept.put(_SET_IN, self._boot)
        except StoreError as error:
            _LOG.error("%s", error)

    def _wall_offset(self) -> float:
        return self._clock.now().timestamp() - self._clock.elapsed()
