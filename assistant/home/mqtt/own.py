"""The assistant's own announcement by Home Assistant's discovery: it is no device of its home."""

from __future__ import annotations

import re

INSTALLATION_ID = re.compile(r"[0-9a-f]{12}")
"""What tells one installed assistant from another."""

_TOPIC = re.compile(rf".+/device/assistant_{INSTALLATION_ID.pattern}/config")


def discovery_topic(prefix: str, installation: str) -> str:
    """Where the assistant with this id announces itself, under a discovery prefix."""
    return f"{prefix.strip('/')}/device/assistant_{installation}/config"


def announces_an_assistant(topic: str) -> bool:
    """Whether an assistant, this one or another, announces itself on `topic`."""
    return _TOPIC.fullmatch(topic) is not None
