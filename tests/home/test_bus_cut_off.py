"""The assistant cut off from a living home: what changed meanwhile is known again at once.

Most devices' states are not kept by the broker, so a hundred devices have to be asked.
"""

from __future__ import annotations

import asyncio
import time

import pytest
from brokers import Mosquitto, eventually
from wires import Wire

from assistant.config import MqttSettings
from assistant.home.model import Home
from assistant.home.mqtt.bus import MqttBus
from assistant.home.simulator import Simulator, Speaks
from assistant.home.simulator.generated import generated_home

pytestmark = pytest.mark.broker

SIZE = 100
RETURN_S = 5.0
"""What the home may take to be right again after the line's return."""


@pytest.mark.parametrize("dialect", [str(dialect) for dialect in Speaks])
async def test_a_hundred_devices_are_right_again_within_5_s_of_the_lines_return(
    mosquitto: Mosquitto, dialect: str
) -> None:
    settings = MqttSettings(host="127.0.0.1", port=mosquitto.port)
    file = generated_home(SIZE, seed=1)
    simulator = Simulator(file, settings, dialect=dialect, latency_s=0.03)
    home = Home()
    await simulator.start()
    async with Wire(mosquitto.port).running() as wire:
        bus = MqttBus(settings.model_copy(update={"port": wire.port}), home)
        await bus.start()
        try:
            turned = [d for d in file.devices if d.type in ("light", "switch")]

            def right() -> bool:
                shown = {(d.name, d.type): home.state(d.id) for d in home.devices.values()}
                return bus.connected and all(
                    shown.get((d.name, d.type), {}).get("power") == simulator.state(d.id)["power"]
                    for d in turned
                )

            await eventually(right, 20)
            wire.tear()
            await eventually(lambda: not bus.connected)
            for device in turned:
                on = simulator.state(device.id)["power"] == "on"
                await simulator.change(device.id, {"power": "off" if on else "on"})
            await asyncio.sleep(3)  # so long that the pauses between tries have grown
            assert not right()
            wire.mend()
            returned = time.monotonic()
            await eventually(right, RETURN_S)
            print(f"\n{dialect}: right again after {time.monotonic() - returned:.1f} s")
        finally:
            await bus.stop()
            await simulator.stop()
