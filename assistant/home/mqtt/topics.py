"""MQTT topic names and filters (MQTT 3.1.1, sections 1.5.3 and 4.7).

What the standard lets a broker refuse counts as wrong: Mosquitto ends the connection of whoever
subscribes to a topic with a control character, or with more than 200 levels.
"""

from __future__ import annotations

import re

_MOST_SEPARATORS = 200
_UNWANTED = re.compile(
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17))
    + "]"
)
"""Control characters, halves of surrogate pairs, and what Unicode says are no characters."""
_SHARED = "$share/"
"""Begins a subscription of MQTT 5 that is shared with others, which is no topic."""


def valid_topic(topic: str) -> bool:
    """Whether one may publish to `topic`, and subscribe to it as it is."""
    return _sound(topic) and not any(character in topic for character in "+#")


def valid_filter(topic_filter: str) -> bool:
    """Whether one may subscribe to `topic_filter`."""
    levels = topic_filter.split("/")
    return (
        _sound(topic_filter)
        and all(level in ("+", "#") or ("+" not in level and "#" not in level) for level in levels)
        and "#" not in levels[:-1]
    )


def matches(topic_filter: str, topic: str) -> bool:
    """Whether a subscription to `topic_filter` gets what is published to `topic`."""
    if topic_filter == topic:
        return True
    if topic.startswith("$") and topic_filter[0] in "+#":
        return False
    wanted, given = topic_filter.split("/"), topic.split("/")
    for position, level in enumerate(wanted):
        if level == "#":
            return True
        if position >= len(given) or level not in ("+", given[position]):
            return False
    return len(wanted) == len(given)


def _sound(text: str) -> bool:
    """Whether every broker takes it, wildcards aside."""
    return (
        not _UNWANTED.search(text)
        and 0 < len(text.encode()) <= 65535
        and text.count("/") <= _MOST_SEPARATORS
        and not text.startswith(_SHARED)
    )
