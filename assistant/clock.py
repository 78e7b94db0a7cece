"""The real clock; tests bring one whose hands they turn."""

from __future__ import annotations

import datetime as dt
import logging
import time
from pathlib import Path

_LOG = logging.getLogger(__name__)
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_TIMESYNC = Path("/run/systemd/timesync")
_HARDWARE_CLOCKS = Path("/sys/class/rtc")
_ZONE_FILES = (Path("/etc/localtime"), Path("/etc/timezone"))
_ZONE_LOOK_S = 5.0
_WITH_SLEEP: int | None = getattr(time, "CLOCK_BOOTTIME", None)


class SystemClock:
    """The machine's clock, in the machine's time zone. Implements `ports.Clock`."""

    def __init__(self) -> None:
        import tzlocal

        # A named zone, not today's offset: alarms of next month must know of summer time.
        self._zone: dt.tzinfo = tzlocal.get_localzone()
        self._zone_files = _changes_of_zone()
        self._looked = time.monotonic()

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never jumps, and may stand still while it sleeps."""
        return time.monotonic()

    def elapsed(self) -> float:
        """Seconds since the machine was started, those among them that it was suspended.

        CLOCK_BOOTTIME of clock_gettime(2), where the system has it.
        """
        return time.clock_gettime(_WITH_SLEEP) if _WITH_SLEEP is not None else time.monotonic()

    def now(self) -> dt.datetime:
        """The wall clock, timezone-aware, in the home's time zone, also after it has moved."""
        if time.monotonic() - self._looked > _ZONE_LOOK_S:
            self._look_at_zone()
        return dt.datetime.now(self._zone)

    def _look_at_zone(self) -> None:
        self._looked = time.monotonic()
        files = _changes_of_zone()
        if files == self._zone_files:
            return
        import tzlocal

        try:
            self._zone = tzlocal.reload_localzone()
        except (LookupError, ValueError, OSError) as error:
            # Looked at again: it may be in the middle of being changed.
            _LOG.warning("the time zone of this machine cannot be read, it stays: %s", error)
        else:
            self._zone_files = files


def boot_id() -> str:
    """What tells this run of the machine from others; empty: unknown.

    https://docs.kernel.org/admin-guide/sysctl/kernel.html#random
    """
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except OSError:
        return ""


def wall_clock_is_set() -> bool:
    """Whether the machine knows the time: False on one without a clock of its own, until told.

    systemd-timesyncd keeps the file `synchronized` from the moment it has set the clock
    (systemd-timesyncd.service(8)); where it does not run, and where there is a hardware clock,
    the time is believed.
    """
    if (_TIMESYNC / "synchronized").exists() or not _TIMESYNC.is_dir():
        return True
    return any(_HARDWARE_CLOCKS.glob("rtc*"))


def _changes_of_zone() -> tuple[tuple[int, int] | None, ...]:
    """What differs when the machine's time zone was changed."""
    found: list[tuple[int, int] | None] = []
    for path in _ZONE_FILES:
        try:
            there = path.lstat()
        except OSError:
            found.append(None)
        else:
            found.append((there.st_ino, there.st_mtime_ns))
    return tuple(found)
