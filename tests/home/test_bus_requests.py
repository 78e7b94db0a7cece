"""Requests that come in by MQTT, on a real Mosquitto."""

import logging

import pytest
from brokers import Mosquitto, eventually, traffic_on

from assistant.config import MqttSettings
from assistant.home.model import Home
from assistant.home.mqtt.bus import MqttBus

pytestmark = pytest.mark.broker


async def test_a_request_the_broker_kept_from_before_is_not_carried_out_again(
    mosquitto: Mosquitto,
) -> None:
    heard: list[bytes] = []
    async with traffic_on(mosquitto.port) as traffic:
        await traffic.client.publish("assistant/ask", "turn on the oven", qos=1, retain=True)
        bus = MqttBus(MqttSettings(host="127.0.0.1", port=mosquitto.port), Home())
        bus.subscribe("assistant/ask", lambda topic, payload: heard.append(payload))
        await bus.start()
        try:
            await eventually(lambda: bus.connected)
            await traffic.client.publish("assistant/ask", "what time is it", qos=1, retain=True)
            await eventually(lambda: heard)
        finally:
            await bus.stop()
    assert heard == [b"what time is it"]


async def test_a_listener_that_fails_on_a_message_does_not_end_the_connection(
    mosquitto: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[str] = []

    def listen(topic: str, payload: bytes) -> None:
        heard.append(payload.decode())

    bus = MqttBus(MqttSettings(host="127.0.0.1", port=mosquitto.port), Home())
    bus.subscribe("assistant/ask", listen)
    await bus.start()
    try:
        async with traffic_on(mosquitto.port) as traffic:
            with caplog.at_level(logging.ERROR):
                await traffic.client.publish("assistant/ask", b"\xff", qos=1)
                await traffic.client.publish("assistant/ask", "hello", qos=1)
                await eventually(lambda: heard)
        assert bus.connected
    finally:
        await bus.stop()
    assert heard == ["hello"]
    assert "UnicodeDecodeError" in caplog.text
