"""Understanding room: building what lasts, without being searched for garbage meanwhile."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected(*, for_good: bool = False) -> Iterator[None]:
    """Keep the garbage collector from going through a growing grammar again and again.

    It would find nothing, and takes a fifth of the time. Also as a decorator, and in a thread.
    With `for_good` it never goes through what there is by then: that stays as long as the process.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if for_good:
            gc.freeze()
        if running:
            gc.enable()
