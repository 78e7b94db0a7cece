"""A kitchen for every test of the schedule."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from kitchens import Kitchen
from manual_clock import ManualClock


@pytest.fixture
def kitchen(tmp_path: Path) -> Iterator[Kitchen]:
    """Monday 2026-01-05, 12:00 in Berlin."""
    yield Kitchen(tmp_path / "assistant.db", ManualClock())
