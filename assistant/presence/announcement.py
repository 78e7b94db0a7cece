"""The document by which the assistant announces itself to Home Assistant.

The device-based form of https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload;
each component's options are those of its page there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from assistant import __version__
from assistant.presence.events import EVENT_TYPES, State

LONGEST_STATE = 255
"""Longest state that Home Assistant keeps, in characters."""

_WORDS = ("last_request", "last_reply")
"""Components that show what was said."""


def announcement(
    installation: str, base: str, *, name: str, area: str = "", share_words: bool = True
) -> str:
    """The discovery document as JSON.

    `base` is the assistant's base topic, `area` the name of the room it stands in. Without
    `share_words` the components that show words are announced as gone.
    """
    identifier = f"assistant_{installation}"
    device = {
        "identifiers": [identifier],
        "name": name,
        "manufacturer": "assistant",
        "model": "Offline voice assistant",
        "sw_version": __version__,
        **({"suggested_area": area} if area else {}),
    }
    components = {
        key: {"unique_id": f"{identifier}_{key}", **options}
        for key, options in _components(base).items()
    }
    if not share_words:
        components |= {key: {"platform": components[key]["platform"]} for key in _WORDS}
    return json.dumps(
        {
            "device": device,
            "origin": {"name": "assistant", "sw_version": __version__},
            "availability_topic": f"{base}/status",
            "qos": 1,
            "components": components,
        },
        ensure_ascii=False,
    )


def _components(base: str) -> Mapping[str, dict[str, Any]]:
    return {
        "state": {
            "platform": "sensor",
            "name": "State",
            "icon": "mdi:account-voice",
            "device_class": "enum",
            "options": [state.value for state in State],
            "state_topic": f"{base}/state",
        },
        "last_request": {
            "platform": "sensor",
            "name": "Last request",
            "icon": "mdi:comment-account",
            "state_topic": f"{base}/request",
            "value_template": f"{{{{ value_json.text[:{LONGEST_STATE}] }}}}",
            "json_attributes_topic": f"{base}/request",
        },
        "last_reply": {
            "platform": "sensor",
            "name": "Last reply",
            "icon": "mdi:comment-text",
            "state_topic": f"{base}/reply",
            "value_template": f"{{{{ (value_json.reply or '')[:{LONGEST_STATE}] }}}}",
            "json_attributes_topic": f"{base}/reply",
        },
        "mute": {
            "platform": "switch",
            "name": "Mute microphone",
            "icon": "mdi:microphone-off",
            "entity_category": "config",
            "command_topic": f"{base}/mute/set",
            "state_topic": f"{base}/mute",
        },
        "volume": {
            "platform": "number",
            "name": "Volume",
            "icon": "mdi:volume-high",
            "entity_category": "config",
            "command_topic": f"{base}/volume/set",
            "state_topic": f"{base}/volume",
            "min": 0,
            "max": 100,
            "step": 1,
            "mode": "slider",
            "unit_of_measurement": "%",
        },
        "stop": {
            "platform": "button",
            "name": "Stop",
            "icon": "mdi:stop",
            "command_topic": f"{base}/stop",
        },
        "listen": {
            "platform": "button",
            "name": "Listen",
            "icon": "mdi:microphone",
            "command_topic": f"{base}/listen",
        },
        "say": {
            "platform": "text",
            "name": "Say",
            "icon": "mdi:bullhorn",
            "command_topic": f"{base}/say",
            "min": 1,
            "max": LONGEST_STATE,
        },
        "announce": {
            "platform": "notify",
            "name": "Announce",
            "icon": "mdi:bullhorn",
            "command_topic": f"{base}/say",
        },
        "ask": {
            "platform": "text",
            "name": "Ask",
            "icon": "mdi:comment-question",
            "command_topic": f"{base}/ask",
            "command_template": (
                '{"text": {{ value | to_json }}, "conversation": "homeassistant"}'
            ),
            "min": 1,
            "max": LONGEST_STATE,
        },
        "next_timer": {
            "platform": "sensor",
            "name": "Next timer",
            "icon": "mdi:timer",
            "device_class": "timestamp",
            "state_topic": f"{base}/timers",
            "value_template": "{{ value_json.next }}",
            "json_attributes_topic": f"{base}/timers",
        },
        "timers": {
            "platform": "sensor",
            "name": "Timers",
            "icon": "mdi:timer",
            "state_class": "measurement",
            "state_topic": f"{base}/timers",
            "value_template": "{{ value_json.count }}",
        },
        "next_alarm": {
            "platform": "sensor",
            "name": "Next alarm",
            "icon": "mdi:alarm",
            "device_class": "timestamp",
            "state_topic": f"{base}/alarms",
            "value_template": "{{ value_json.next }}",
            "json_attributes_topic": f"{base}/alarms",
        },
        "next_reminder": {
            "platform": "sensor",
            "name": "Next reminder",
            "icon": "mdi:reminder",
            "device_class": "timestamp",
            "state_topic": f"{base}/reminders",
            "value_template": "{{ value_json.next }}",
            "json_attributes_topic": f"{base}/reminders",
        },
        "lists": {
            "platform": "sensor",
            "name": "Lists",
            "icon": "mdi:format-list-checks",
            "state_class": "measurement",
            "state_topic": f"{base}/lists",
            "value_template": "{{ value_json.count }}",
            "json_attributes_topic": f"{base}/lists",
        },
        "ringing": {
            "platform": "binary_sensor",
            "name": "Ringing",
            "icon": "mdi:alarm-bell",
            "state_topic": f"{base}/ringing",
            "value_template": "{{ 'ON' if value_json.count else 'OFF' }}",
            "json_attributes_topic": f"{base}/ringing",
        },
        "event": {
            "platform": "event",
            "name": "Event",
            "icon": "mdi:bell-ring",
            "state_topic": f"{base}/event",
            "event_types": list(EVENT_TYPES),
        },
    }
