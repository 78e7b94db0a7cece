"""Thousands of malformed announcements by a real Mosquitto: the good devices go on working."""

from __future__ import annotations

import json
import os
import random

import pytest
from brokers import Mosquitto, eventually, traffic_on
from test_announcement_fuzz import (
    FEWEST,
    GOOD,
    GOOD_IEEE,
    PAYLOADS,
    SEEDS,
    SHELLY,
    SHELLY_ID,
    spoil,
    spoiling,
    tasmota,
    zigbee_lists,
)

from assistant.config import MqttSettings
from assistant.home.model import Home
from assistant.home.mqtt.bus import MqttBus
from assistant.types import Action, Status

pytestmark = pytest.mark.broker

AT_A_TIME = 100
WIRE = {
    "good": ("good/set", "ON"),
    f"{GOOD_IEEE}_light_zigbee2mqtt": ("zigbee2mqtt/Victim/set", '{"state":"ON"}'),
    "0E7A3B_RL_1": ("cmnd/t_DC4F220E7A3B/POWER1", "ON"),
}
"""What turns each good device on; a Shelly is called with a number of its own."""


async def test_five_thousand_malformed_announcements_leave_a_device_of_each_dialect_working(
    mosquitto: Mosquitto,
) -> None:
    dice = random.Random(0 if "CI" in os.environ else None)
    valid = {payload.encode() for seed in SEEDS for _, payload in seed}
    home, tried, marks = Home(), set(), []
    # Recorded answers of the Shelly are addressed to this base topic.
    bus = MqttBus(
        MqttSettings(host="127.0.0.1", port=mosquitto.port, base_topic="a", confirm_timeout_s=0.05),
        home,
    )
    await bus.start()
    bus.subscribe("test/mark", lambda topic, payload: marks.append(payload))
    try:
        async with traffic_on(mosquitto.port) as traffic:
            good = {"uniq_id": "good", "cmd_t": "good/set", "stat_t": "good"}
            await traffic.client.publish("homeassistant/switch/good/config", json.dumps(good), 1)
            await traffic.client.publish("zigbee2mqtt/bridge/devices", zigbee_lists(GOOD_IEEE)[0])
            for message in (*tasmota("DC4F220E7A3B", {}), *SHELLY):
                await traffic.client.publish(*message, qos=1)
            await eventually(lambda: set(GOOD) <= home.devices.keys())

            while len(tried - valid) < FEWEST:
                for _ in range(AT_A_TIME):
                    messages, blows, chance = spoiling(dice)
                    for number, (topic, payload) in enumerate(messages):
                        victim = number == chance % len(messages)
                        raw = spoil(payload, blows) if victim else payload.encode()
                        tried.add(raw)
                        await traffic.client.publish(topic, raw, qos=0)
                    said = PAYLOADS[chance % len(PAYLOADS)]
                    await traffic.client.publish("v/a", said, qos=0)
                mark = str(len(tried)).encode()
                await traffic.client.publish("test/mark", mark, qos=1)
                await eventually(lambda mark=mark: mark in marks, 30)
                traffic.heard.clear()

            assert bus.connected
            for device_id in GOOD:
                device = home.devices[device_id]
                traffic.heard.clear()
                (result,) = await bus.perform([Action(f"{device.type}.turn_on", device_id)])
                assert result.status is Status.NO_ANSWER, "it was sent, and nobody is there"
                if device_id in WIRE:
                    await eventually(lambda wire=WIRE[device_id]: wire in traffic.heard)
                else:
                    await eventually(lambda: "Switch.Set" in str(traffic.on(f"{SHELLY_ID}/rpc")))
            frame = {"src": SHELLY_ID, "dst": "x", "method": "NotifyStatus",
                     "params": {"ts": 1, "switch:0": {"id": 0, "output": True}}}  # fmt: skip
            for topic, payload in (
                ("good", "ON"),
                ("zigbee2mqtt/Victim", '{"state":"ON"}'),
                ("stat/t_DC4F220E7A3B/RESULT", '{"POWER":"ON"}'),
                (f"{SHELLY_ID}/events/rpc", json.dumps(frame)),
            ):
                await traffic.client.publish(topic, payload, qos=1)
            await eventually(lambda: all(home.state(d).get("power") == "on" for d in GOOD))
    finally:
        await bus.stop()
    print(f"\n{len(tried - valid)} malformed announcements")
