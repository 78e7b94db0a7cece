"""Shelly on a real broker: found, obeying, missed, right again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from brokers import Mosquitto, eventually
from shelly_double import ShellyDouble, device_config, device_status, shelly_on
from shelly_world import CALIBRATED, PREFIX

from assistant.config import MqttSettings
from assistant.home.model import Home
from assistant.home.mqtt.bus import MqttBus
from assistant.types import Action, Status


def settings_for(broker: Mosquitto, **more: Any) -> MqttSettings:
    return MqttSettings(host="127.0.0.1", port=broker.port, **more)


@pytest.mark.broker
async def test_it_is_found_commanded_confirmed_and_lost_on_a_real_broker(tmp_path: Any) -> None:
    broker = Mosquitto(tmp_path)
    broker.start()
    config = device_config(switch_0={"name": "Lamp"}, cover_0={"name": "Blind"})
    double = ShellyDouble(config, device_status(switch_0={"output": False}, cover_0=CALIBRATED))
    home = Home()
    bus = MqttBus(settings_for(broker), home)
    lamp, blind = f"{PREFIX}_switch_0", f"{PREFIX}_cover_0"
    try:
        async with shelly_on(broker.port, double):
            await bus.start()
            await eventually(lambda: home.state(lamp) and home.state(blind))
            actions = [
                Action("switch.turn_on", lamp),
                Action("cover.set_cover_position", blind, {"position": 20}),
            ]
            results = await bus.perform(actions)
            assert [one.status for one in results] == [Status.CONFIRMED, Status.CONFIRMED]
            assert ("Switch.Set", {"id": 0, "on": True}) in double.calls
            double.refuses["Switch.Set"] = {"code": -114, "message": "Overpower"}
            (refused,) = await bus.perform([Action("switch.turn_off", lamp)])
            assert refused.status is Status.REFUSED and "Overpower" in refused.detail
        await eventually(lambda: not home.available(lamp))
        (gone,) = await bus.perform([Action("switch.turn_on", lamp)])
        assert gone.status is Status.UNAVAILABLE
    finally:
        await bus.stop()
        broker.stop()


@pytest.mark.broker
async def test_its_state_is_right_again_after_the_broker_was_away(tmp_path: Any) -> None:
    broker = Mosquitto(tmp_path)
    broker.start()
    config = device_config(switch_0={}, switch_1={})
    status = device_status(switch_0={"output": False}, switch_1={"output": False})
    double = ShellyDouble(config, status)
    home = Home()
    bus = MqttBus(settings_for(broker), home)
    try:
        async with shelly_on(broker.port, double):
            await bus.start()
            await eventually(lambda: home.state(f"{PREFIX}_switch_1") == {"power": "off"})
        broker.restart()
        await eventually(lambda: not bus.connected)
        double.status["switch:1"]["output"] = True
        async with shelly_on(broker.port, double):
            await eventually(lambda: home.state(f"{PREFIX}_switch_1") == {"power": "on"})
            assert home.available(f"{PREFIX}_switch_1")
    finally:
        await bus.stop()
        broker.stop()


@pytest.mark.broker
@pytest.mark.parametrize("version", ["3.1.1", "5"])
async def test_a_press_counts_once_and_a_device_is_asked_once(tmp_path: Any, version: str) -> None:
    broker = Mosquitto(tmp_path)
    broker.start()
    config = device_config(input_0={"type": "button", "name": "Bell"})
    double = ShellyDouble(config, device_status(input_0={"state": None}))
    home = Home()
    bus = MqttBus(settings_for(broker, protocol=version), home)
    bell, presses = f"{PREFIX}_input_0", []
    try:
        async with shelly_on(broker.port, double) as client:
            await bus.start()
            await eventually(lambda: bell in home.devices)
            home.on_state(lambda changed: presses.append(home.state(changed).get("event")))
            for event in ("single_push", "long_push"):
                topic, payload = double.fire("input:0", event)
                await client.publish(topic, payload, qos=1)
            await eventually(lambda: "long_push" in presses)
            assert presses == ["single_push", "long_push"]
            asked = [method for method, _ in double.calls]
            assert asked == ["Shelly.GetConfig", "Shelly.GetStatus"]
    finally:
        await bus.stop()
        broker.stop()


@pytest.mark.broker
async def test_what_it_refuses_is_refused_at_once_and_for_its_own_reason(tmp_path: Any) -> None:
    broker = Mosquitto(tmp_path)
    broker.start()
    config = device_config(switch_0={"name": "Lamp"})
    double = ShellyDouble(config, device_status(switch_0={"output": False}))
    double.refuses["Switch.Set"] = {"code": -114, "message": "Overpower"}
    home = Home()
    bus = MqttBus(settings_for(broker, confirm_timeout_s=30.0), home)
    lamp = f"{PREFIX}_switch_0"
    try:
        async with shelly_on(broker.port, double), asyncio.timeout(10):
            await bus.start()
            await eventually(lambda: home.state(lamp) == {"power": "off"})
            (result,) = await bus.perform([Action("switch.turn_on", lamp)])
        assert result.status is Status.REFUSED and "Overpower" in result.detail
    finally:
        await bus.stop()
        broker.stop()
