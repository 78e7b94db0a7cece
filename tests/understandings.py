"""Understandings that share what takes long to make."""

from __future__ import annotations

import copy

from assistant.understanding.understanding import Understanding


def another(understanding: Understanding) -> Understanding:
    """One for a conversation of its own, over the same home.

    It shares the templates and what guesses are searched in; it knows other routines.
    """
    assert understanding.templates
    made = copy.copy(understanding)
    made._built = None
    return made
