"""Prints the tables of what was understood after the tests."""

from __future__ import annotations

import pytest

TABLES: list[str] = []


@pytest.fixture
def tables() -> list[str]:
    """Lines to be printed at the end of the run."""
    return TABLES


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Called by pytest at the end."""
    if TABLES:
        terminalreporter.section("what people say, and what came of it")
        for line in TABLES:
            terminalreporter.write_line(line)
