"""MQTT topic names and filters (MQTT 3.1.1, section 4.7)."""

from __future__ import annotations


def valid_topic(topic: str) -> bool:
    """Whether one may publish to `topic`."""
    return 0 < _length(topic) <= 65535 and not any(character in topic for character in "+#\0")


def valid_filter(topic_filter: str) -> bool:
    """Whether one may subscribe to `topic_filter`."""
    if not 0 < _length(topic_filter) <= 65535:
        return False
    levels = topic_filter.split("/")
    return (
        "\0" not in topic_filter
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


def _length(text: str) -> int:
    """Bytes in UTF-8; 0 for what is no Unicode text (half of a surrogate pair)."""
    try:
        return len(text.encode())
    except UnicodeEncodeError:
        return 0
