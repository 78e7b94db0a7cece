"""What this machine can give a language model: memory and cores."""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from pathlib import Path

_MEMINFO = Path("/proc/meminfo")
_STATM = Path("/proc/self/statm")
_LOADAVG = Path("/proc/loadavg")
_CPUS = Path("/sys/devices/system/cpu")
_MOST_THREADS = 8


def available_memory() -> int | None:
    """Bytes that can be had without swapping; None where the system does not say."""
    try:
        lines = _MEMINFO.read_text("ascii").splitlines()
    except OSError:
        return None
    for line in lines:
        name, _, amount = line.partition(":")
        if name == "MemAvailable":
            return int(amount.split()[0]) * 1024
    return None


def give_back_memory() -> None:
    """Let the C library hand freed memory to the system; it would keep some 40 MB of a model's."""
    with suppress(OSError, AttributeError):  # other C libraries know no malloc_trim(3)
        ctypes.CDLL(None).malloc_trim(0)


def resident_bytes() -> int:
    """Memory of this process that is in RAM now, mapped files included; 0 where nobody says."""
    try:
        pages = int(_STATM.read_text("ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def free_cores(cores: int) -> int:
    """How many of `cores` nobody else is computing on at this moment; at least one.

    A thread too many is worse than one too few: at every step all wait for the one whose core is
    taken (two threads beside five busy processes on two cores: 20 times slower than one).
    """
    try:
        running = int(_LOADAVG.read_text("ascii").split()[3].partition("/")[0])
    except (OSError, ValueError, IndexError):
        return cores
    return max(1, min(cores, cores - (running - 1)))


def usable_cores() -> int:
    """Cores this process may use, each counted once however many threads it runs.

    Twin threads of a core share its arithmetic, and waiting for a slower twin costs more than it
    gives.
    """
    cpus = (
        os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    )
    cores = set()
    for cpu in cpus:
        siblings = _CPUS / f"cpu{cpu}" / "topology/thread_siblings_list"
        try:
            cores.add(siblings.read_text("ascii").strip())
        except OSError:
            cores.add(str(cpu))
    return max(1, min(len(cores), _MOST_THREADS))
