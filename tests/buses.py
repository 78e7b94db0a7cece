"""A bus on a real broker, for the tests of the bus."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from brokers import Traffic

from assistant.config import MqttSettings
from assistant.home.model import Home
from assistant.home.mqtt.bus import MqttBus

LAMP = {"name": "Lamp", "unique_id": "lamp", "cmd_t": "l/set", "stat_t": "l/state"}


def settings(port: int, **more: Any) -> MqttSettings:
    return MqttSettings(host="127.0.0.1", port=port, **{"confirm_timeout_s": 0.6, **more})


@asynccontextmanager
async def connected(port: int, **more: Any) -> AsyncIterator[tuple[MqttBus, Home]]:
    """A bus in an empty home, after its first try to connect."""
    home = Home()
    bus = MqttBus(settings(port, **more), home)
    await bus.start()
    try:
        yield bus, home
    finally:
        await bus.stop()


async def announce(traffic: Traffic, **more: Any) -> None:
    """Announce the lamp, kept."""
    await announce_as(traffic, "light", "lamp", {**LAMP, **more})


async def announce_as(
    traffic: Traffic, component: str, name: str, config: Mapping[str, Any]
) -> None:
    topic = f"homeassistant/{component}/{name}/config"
    await traffic.client.publish(topic, json.dumps(config), qos=1, retain=True)
