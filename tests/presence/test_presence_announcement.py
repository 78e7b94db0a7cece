"""The discovery document, held against Home Assistant's rules for the device-based form.

Those rules (https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload): `device`
with an identifier and `origin` with a name are required, each component has a `platform` and a
`unique_id`, and one that is there with its platform alone is taken away.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from assistant.config import MqttSettings
from assistant.home.mqtt.own import announces_an_assistant, discovery_topic
from assistant.presence.announcement import announcement
from assistant.presence.events import EVENT_TYPES, State

ID = "0123456789ab"
OTHER = "ba9876543210"


def document(installation: str = ID, base: str = "assistant", **options: Any) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(
        announcement(installation, base, name="Assistant", **options)
    )
    return loaded


def test_everything_that_home_assistant_asks_for_is_there() -> None:
    made = document()
    assert made["device"]["identifiers"] == [f"assistant_{ID}"]
    assert made["origin"]["name"]
    assert made["availability_topic"] == "assistant/status"
    for component in made["components"].values():
        assert component["platform"]
        assert component["unique_id"].startswith(f"assistant_{ID}_")
        assert component["name"]


def test_all_that_was_promised_is_offered() -> None:
    kinds = {key: c["platform"] for key, c in document()["components"].items()}
    assert kinds == {
        "state": "sensor", "last_request": "sensor", "last_reply": "sensor", "mute": "switch",
        "volume": "number", "stop": "button", "listen": "button", "say": "text",
        "announce": "notify", "ask": "text", "next_timer": "sensor", "timers": "sensor",
        "next_alarm": "sensor", "next_reminder": "sensor", "lists": "sensor",
        "ringing": "binary_sensor", "event": "event",
    }  # fmt: skip
    assert set(document()["components"]["state"]["options"]) == set(State)
    assert document()["components"]["event"]["event_types"] == list(EVENT_TYPES)


def test_without_words_what_shows_them_is_taken_away() -> None:
    components = document(share_words=False)["components"]
    assert components["last_request"] == {"platform": "sensor"}
    assert components["last_reply"] == {"platform": "sensor"}
    assert components["state"]["state_topic"] == "assistant/state"


def test_two_assistants_share_neither_ids_nor_topics() -> None:
    one, other = document(), document(OTHER, "upstairs")
    for ours, theirs in zip(one["components"].values(), other["components"].values(), strict=True):
        assert ours["unique_id"] != theirs["unique_id"]
        topics = {v for key, v in theirs.items() if key.endswith("_topic")}
        assert all(topic.startswith("upstairs/") for topic in topics)
    assert other["availability_topic"] == "upstairs/status"


def test_the_room_it_stands_in_is_suggested() -> None:
    assert document(area="Kitchen")["device"]["suggested_area"] == "Kitchen"
    assert "suggested_area" not in document()["device"]


@pytest.mark.parametrize(
    ("topic", "is_one"),
    [
        (discovery_topic("homeassistant", ID), True),
        (discovery_topic("/my/home/", ID), True),
        (f"homeassistant/switch/assistant_{ID}/config", False),
        ("homeassistant/device/assistant_lamp/config", False),
        (f"homeassistant/device/assistant_{ID}0/config", False),
        ("homeassistant/device/lamp/config", False),
    ],
)
def test_an_assistants_announcement_is_known_by_its_topic(topic: str, is_one: bool) -> None:
    assert announces_an_assistant(topic) is is_one


@pytest.mark.parametrize("beginning", ["", "/", "#", "home/#", "+/x"])
def test_what_no_topic_begins_with_is_refused_in_the_configuration(beginning: str) -> None:
    for key in ("base_topic", "discovery_prefix"):
        with pytest.raises(ValidationError):
            MqttSettings.model_validate({key: beginning})
