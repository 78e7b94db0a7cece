"""A voice that speaks to the daemon in the tests of faults."""

from __future__ import annotations

import pytest
from exchange import Voice


@pytest.fixture(scope="session")
def voice() -> Voice:
    """The installed voice: `voice("turn on the lamp")` is how that sounds."""
    return Voice()
