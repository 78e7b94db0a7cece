"""A home file come alive: MQTT clients that announce themselves and obey, like real devices."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Collection, Sequence

import aiomqtt

from assistant.errors import BrokerError
from assistant.home.file import HomeFile
from assistant.home.model import Device, State
from assistant.home.mqtt.bus import NO_DELAY
from assistant.home.mqtt.ending import end
from assistant.home.simulated import behaviour
from assistant.types import SlotValue

_LOG = logging.getLogger(__name__)

_CLIENTS_AT_MOST = 30
_START_LIMIT_S = 15.0
_PAUSE_S = 0.5
_KEEPALIVE_S = 60
_CALLS_AT_ONCE = 10
_TRAVEL_STEPS = 5
RUBBISH = b'\xff\xfe{"state": [['
"""What a device that has gone mad says."""


class Simulator:
    """All devices of a home file, each a client of its own (all on one above 30 devices).

    `silent`, `rubbish` and `offline` are the ids of devices that never answer, answer nonsense,
    or have said that they are offline; the first two may be changed at any time.
    """

    def __init__(
        self,
        home_file: HomeFile,
        host: str,
        port: int,
        *,
        latency_s: float = 0.03,
        travel_s: float = 0.0,
        discovery_prefix: str = "homeassistant",
        base_topic: str = "simulated",
        username: str = "",
        password: str = "",
        silent: Collection[str] = (),
        rubbish: Collection[str] = (),
        offline: Collection[str] = (),
    ) -> None:
        """`latency_s` passes before an answer; covers take `travel_s` (0: they jump)."""
        self.silent = set(silent)
        self.rubbish = set(rubbish)
        self.received: list[tuple[str, str]] = []
        """All commands so far: topic and payload."""
        self._host, self._port = host, port
        self._login = (username or None, password or None)
        self._latency_s, self._travel_s = latency_s, travel_s
        self._prefix, self._base = discovery_prefix, base_topic
        areas = {area.id: area.name for area in home_file.areas}
        devices = [
            _SimulatedDevice(
                device,
                areas.get(device.area or "", ""),
                f"{base_topic}/{_level(device.id)}",
                home_file.states.get(device.id, {}),
                online=device.id not in offline,
            )
            for device in home_file.devices
        ]
        self._devices = {device.device.id: device for device in devices}
        alone = len(devices) <= _CLIENTS_AT_MOST
        groups = [[device] for device in devices] if alone else [devices]
        self._groups = [_Connection(self, group) for group in groups if group]

    async def start(self) -> None:
        """Connect and announce all devices; returns when the broker has it all.

        Raises `BrokerError` when it cannot be reached.
        """
        for group in self._groups:
            group.start()
        waiting = [group.announced.wait() for group in self._groups]
        try:
            await asyncio.wait_for(asyncio.gather(*waiting), _START_LIMIT_S)
        except TimeoutError as error:
            await self.stop()
            raise BrokerError(
                f"The simulated home cannot reach the MQTT broker at {self._host}:{self._port}."
            ) from error

    async def stop(self) -> None:
        """Let all devices say that they are offline, and disconnect; idempotent."""
        await asyncio.gather(*(group.stop() for group in self._groups))

    def state(self, device_id: str) -> State:
        """The state that a device is really in."""
        return dict(self._devices[device_id].state)

    async def change(self, device_id: str, changes: State) -> None:
        """Let somebody change a device by hand; it publishes its state."""
        device = self._devices[device_id]
        device.state.update(changes)
        await self._connection(device_id).show(device)

    async def set_online(self, device_id: str, online: bool) -> None:
        """Let a device say that it goes offline, or is back."""
        device = self._devices[device_id]
        device.online = online
        await self._connection(device_id).show_availability(device)

    def _connection(self, device_id: str) -> _Connection:
        return next(g for g in self._groups if any(d.device.id == device_id for d in g.devices))


class _SimulatedDevice:
    def __init__(
        self, device: Device, area: str, topic: str, initial: State, *, online: bool
    ) -> None:
        self.device = device
        self.topic = topic
        self.behaviour = behaviour(device)
        self.state: dict[str, SlotValue] = {**self.behaviour.initial, **initial}
        self.online = online
        self.moving: asyncio.Task[None] | None = None
        self._area = area

    def announcement(self, availability: Sequence[str]) -> str:
        device = self.device
        about: dict[str, object] = {"identifiers": [device.id], "name": device.name}
        if self._area:
            about["suggested_area"] = self._area
        document: dict[str, object] = {
            "~": self.topic,
            "name": None,
            "unique_id": device.id,
            "device": about,
            "availability": [{"topic": topic} for topic in availability],
            "availability_mode": "all",
            **self.behaviour.options,
        }
        if device.device_class:
            document["device_class"] = device.device_class
        return json.dumps(document)

    def shown(self) -> list[tuple[str, str]]:
        said = [(level, show(self.state)) for level, show in self.behaviour.shows.items()]
        return [(f"{self.topic}/{level}", text) for level, text in said if text is not None]


class _Connection:
    """One MQTT client and the devices that share it."""

    def __init__(self, simulator: Simulator, devices: list[_SimulatedDevice]) -> None:
        self.devices = devices
        self.announced = asyncio.Event()
        self._simulator = simulator
        shared = len(devices) > 1
        name = "home" if shared else devices[0].topic.rpartition("/")[2]
        self._will_topic = f"{simulator._base}/{name}/{'connected' if shared else 'available'}"
        self._by_topic = {
            f"{device.topic}/{level}": (device, level)
            for device in devices
            for level in device.behaviour.commands
        }
        self._client: aiomqtt.Client | None = None
        self._task: asyncio.Task[None] | None = None
        self._answers: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="simulated devices")

    async def stop(self) -> None:
        task, self._task = self._task, None
        for answer in tuple(self._answers):
            answer.cancel()
        if task is None:
            return
        if self._client is not None:
            with contextlib.suppress(aiomqtt.MqttError):
                await self._client.publish(self._will_topic, "offline", qos=1, retain=True)
        await end([task])

    async def show(self, device: _SimulatedDevice) -> None:
        for topic, text in device.shown():
            await self._publish(topic, text)

    async def show_availability(self, device: _SimulatedDevice) -> None:
        text = "online" if device.online else "offline"
        await self._publish(f"{device.topic}/available", text)

    async def _publish(self, topic: str, payload: str | bytes) -> None:
        if self._client is not None:
            with contextlib.suppress(aiomqtt.MqttError):
                await self._client.publish(topic, payload, qos=1, retain=True)

    async def _run(self) -> None:
        simulator = self._simulator
        username, password = simulator._login
        while True:
            client = aiomqtt.Client(
                simulator._host,
                simulator._port,
                username=username,
                password=password,
                keepalive=_KEEPALIVE_S,
                will=aiomqtt.Will(self._will_topic, "offline", 1, True),
                socket_options=(NO_DELAY,),
                max_concurrent_outgoing_calls=_CALLS_AT_ONCE,
            )
            with contextlib.suppress(aiomqtt.MqttError):
                async with client:
                    await self._live(client)
            self._client = None
            await asyncio.sleep(_PAUSE_S)

    async def _live(self, client: aiomqtt.Client) -> None:
        filters = [(topic, 1) for topic in self._by_topic]
        for start in range(0, len(filters), 64):
            await client.subscribe(filters[start : start + 64])
        self._client = client
        await asyncio.gather(*(self._announce(device) for device in self.devices))
        await self._publish(self._will_topic, "online" if self._alone_online() else "offline")
        self.announced.set()
        async for message in client.messages:
            entry = self._by_topic.get(message.topic.value)
            if entry is None or message.retain or not isinstance(message.payload, bytes):
                continue
            text = message.payload.decode("utf-8", "replace")
            self._simulator.received.append((message.topic.value, text))
            answer = asyncio.create_task(self._obey(entry[0], entry[1], text))
            self._answers.add(answer)
            answer.add_done_callback(self._answers.discard)

    def _alone_online(self) -> bool:
        return len(self.devices) > 1 or self.devices[0].online

    async def _announce(self, device: _SimulatedDevice) -> None:
        availability = list(dict.fromkeys((self._will_topic, f"{device.topic}/available")))
        topic = f"{self._simulator._prefix}/{device.device.type}/{_level(device.device.id)}/config"
        await self._publish(topic, device.announcement(availability))
        await self.show_availability(device)
        await self.show(device)

    async def _obey(self, device: _SimulatedDevice, level: str, payload: str) -> None:
        simulator, device_id = self._simulator, device.device.id
        if device_id in simulator.silent or not device.online:
            return
        await asyncio.sleep(simulator._latency_s)
        if device_id in simulator.rubbish:
            for state_level in device.behaviour.shows:
                await self._publish(f"{device.topic}/{state_level}", RUBBISH)
            return
        try:
            changes = device.behaviour.commands[level](device.state, payload)
        except (ValueError, TypeError, KeyError):
            _LOG.debug("simulated %s does not understand %r", device_id, payload[:80])
            return
        if device.moving is not None:
            device.moving.cancel()
            device.moving = None
        if "position" in changes and simulator._travel_s:
            device.moving = asyncio.create_task(self._travel(device, changes))
            self._answers.add(device.moving)
            device.moving.add_done_callback(self._answers.discard)
            return
        device.state.update(changes)
        await self.show(device)

    async def _travel(self, device: _SimulatedDevice, target: State) -> None:
        """Move a cover step by step."""
        before, after = device.state.get("position", 0), target["position"]
        start = float(before) if isinstance(before, int | float) else 0.0
        end = float(after) if isinstance(after, int | float) else 0.0
        device.state["cover"] = "opening" if end > start else "closing"
        for step in range(1, _TRAVEL_STEPS + 1):
            await self.show(device)
            await asyncio.sleep(self._simulator._travel_s / _TRAVEL_STEPS)
            device.state["position"] = round(start + (end - start) * step / _TRAVEL_STEPS)
        device.state.update(target)
        await self.show(device)


def _level(device_id: str) -> str:
    """An id as one level of a topic, and as a discovery object id."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "_-") else "_" for c in device_id)
