"""A home file come alive: MQTT clients that announce themselves and obey, like real devices."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from collections import deque
from collections.abc import Callable, Collection, Coroutine, Sequence
from dataclasses import dataclass
from enum import StrEnum

from assistant.config import MqttSettings
from assistant.errors import BrokerError
from assistant.home.devices import Device, State
from assistant.home.file.reading import HomeFile
from assistant.home.simulator.behaviour import NonsenseError, Pace, Step, Wish
from assistant.home.simulator.client import Client
from assistant.home.simulator.homeassistant import HomeAssistantStation
from assistant.home.simulator.shelly import ShellyStation
from assistant.home.simulator.shelly_forms import why_not_shelly
from assistant.home.simulator.station import Heard, Said, Station
from assistant.home.simulator.tasmota import TasmotaStation
from assistant.home.simulator.tasmota_forms import why_not_tasmota
from assistant.home.simulator.thing import Thing
from assistant.home.simulator.troubles import RUBBISH, Troubles, fate_of
from assistant.home.simulator.zigbee2mqtt import ZigbeeStation, why_not_zigbee, zigbee_groups

_LOG = logging.getLogger(__name__)

_CLIENTS_AT_MOST = 30
_START_LIMIT_S = 15.0
_START_LIMIT_PER_DEVICE_S = 0.02
_REMEMBERED = 10_000


class Speaks(StrEnum):
    """The dialects in which a simulated home can announce itself."""

    HOME_ASSISTANT = "homeassistant"
    HOME_ASSISTANT_DEVICES = "homeassistant-device"
    """Home Assistant's device-based discovery."""
    ZIGBEE2MQTT = "zigbee2mqtt"
    TASMOTA = "tasmota"
    SHELLY = "shelly"


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to a simulated device, for who watches."""

    device: Device
    what: str
    """Such as "done", "swallowed", "is offline", "goes offline"; "answered" to a question."""
    topic: str = ""
    payload: str = ""
    """Of the command, if it was one."""


_WHY_NOT: dict[Speaks, Callable[[Device], str]] = {
    Speaks.ZIGBEE2MQTT: why_not_zigbee,
    Speaks.TASMOTA: why_not_tasmota,
    Speaks.SHELLY: why_not_shelly,
}


class Simulator:
    """All devices of a home file, each a client of its own (all on one above 30 devices).

    A Zigbee2MQTT bridge is one client. `silent`, `rubbish` and `offline` are the ids of devices
    that never answer, answer nonsense, or have said that they are offline; the first two may be
    changed at any time. Groups of the file are groups of the Zigbee mesh where they can be;
    elsewhere they are left out, for no device is behind them.
    """

    def __init__(
        self,
        home_file: HomeFile,
        broker: MqttSettings,
        *,
        dialect: Speaks | str = Speaks.HOME_ASSISTANT,
        latency_s: float = 0.03,
        travel_s: float = 0.0,
        arming_s: float = 0.0,
        report_s: float = 60.0,
        troubles: Troubles | None = None,
        silent: Collection[str] = (),
        rubbish: Collection[str] = (),
        offline: Collection[str] = (),
        watch: Callable[[Happening], None] | None = None,
    ) -> None:
        """`latency_s` passes before an answer; covers take `travel_s` (0: they jump).

        Every `report_s` the states that the broker does not keep are said again. `watch` is told
        of every command, and of devices that come and go by `troubles`.
        """
        self.silent = set(silent)
        self.rubbish = set(rubbish)
        self.received: deque[tuple[str, str]] = deque(maxlen=_REMEMBERED)
        """The last commands: topic and payload."""
        self.unspoken: dict[str, str] = {}
        """Devices that the dialect has no words for, and why; they speak Home Assistant's."""
        self._broker = broker
        self._latency_s, self._report_s = latency_s, report_s
        self._troubles = troubles or Troubles()
        self._watch = watch
        self._work: set[asyncio.Task[None]] = set()
        areas = {area.id: area.name for area in home_file.areas}
        bridged = Speaks(dialect) is Speaks.ZIGBEE2MQTT
        groups = zigbee_groups(home_file) if bridged else []
        pace, seed = Pace(travel_s, arming_s), self._troubles.seed
        self.things = {
            device.id: Thing(
                device,
                areas.get(device.area or "", ""),
                home_file.states.get(device.id, {}),
                pace,
                online=device.id not in offline,
                seed=seed,
            )
            for device in (*home_file.devices, *groups)
            if not device.virtual
        }
        """Every simulated device by its id in the home file."""
        stations = self._stations(Speaks(dialect), broker.discovery_prefix)
        self._clients = [
            Client(station, broker, self._hear, self._nonsense(station, f"{seed}/{number}"))
            for number, station in enumerate(stations)
        ]  # fmt: skip
        self._client_of = {
            thing.device.id: client for client in self._clients for thing in client.station.things
        }

    def _stations(self, dialect: Speaks, prefix: str) -> list[Station]:
        why_not = _WHY_NOT.get(dialect)
        if why_not is not None:
            for thing in self.things.values():
                if reason := why_not(thing.device):
                    self.unspoken[thing.device.id] = reason
            for thing in self.things.values():
                if self.unspoken.keys() & set(thing.device.members):
                    self.unspoken.setdefault(thing.device.id, "groups of what it does not have")
        spoken = [thing for key, thing in self.things.items() if key not in self.unspoken]
        others = [self.things[key] for key in self.unspoken]
        alone = len(self.things) <= _CLIENTS_AT_MOST

        def homeassistant(things: Sequence[Thing]) -> Station:
            grouped = dialect is Speaks.HOME_ASSISTANT_DEVICES
            return HomeAssistantStation(things, prefix, device_based=grouped)

        makers: dict[Speaks, Callable[[Sequence[Thing]], Station]] = {
            Speaks.TASMOTA: TasmotaStation,
            Speaks.SHELLY: ShellyStation,
        }
        stations = [homeassistant(group) for group in _grouped(others, alone)]
        if dialect is Speaks.ZIGBEE2MQTT:
            return [*stations, ZigbeeStation(spoken)]
        make = makers.get(dialect, homeassistant)
        return [*stations, *(make(group) for group in _grouped(spoken, alone))]

    def _nonsense(self, station: Station, seed: str) -> Sequence[Said]:
        count = math.ceil(self._troubles.rubbish * len(station.things))
        return station.nonsense(fate_of(f"{seed}/nonsense"), count) if count else ()

    async def start(self) -> None:
        """Connect and announce all devices; returns when the broker has it all.

        Raises `BrokerError` when it cannot be reached.
        """
        for client in self._clients:
            client.start()
        limit_s = _START_LIMIT_S + _START_LIMIT_PER_DEVICE_S * len(self.things)
        waiting = [client.announced.wait() for client in self._clients]
        try:
            await asyncio.wait_for(asyncio.gather(*waiting), limit_s)
        except TimeoutError as error:
            await self.stop()
            raise BrokerError(
                "The simulated home cannot reach the MQTT broker at "
                f"{self._broker.host}:{self._broker.port}."
            ) from error
        for client in self._clients:
            if client.station.reports:
                self._begin(self._report(client))
        if self._troubles.dropout:
            for thing in self.things.values():
                self._begin(self._drop_out(thing))

    async def stop(self) -> None:
        """Let all devices say that they are offline, and disconnect; idempotent."""
        for work in tuple(self._work):
            work.cancel()
        await asyncio.gather(*(client.stop() for client in self._clients))

    def state(self, device_id: str) -> State:
        """The state that a device is really in."""
        return dict(self.things[device_id].state)

    async def change(self, device_id: str, changes: State) -> None:
        """Let somebody change a device by hand; it publishes its state.

        `{"event": type}` lets a remote control fire.
        """
        thing = self.things[device_id]
        thing.state.update(changes)
        client = self._client_of[device_id]
        await client.say(client.station.show(thing, frozenset(changes)))

    async def set_online(self, device_id: str, online: bool) -> None:
        """Let a device say that it goes offline, or is back."""
        thing = self.things[device_id]
        thing.online = online
        client = self._client_of[device_id]
        await client.say(client.station.presence(thing))
        if online:
            await client.say(client.station.show(thing, ()))

    def vanish(self, device_id: str) -> None:
        """Break the connection that a device shares with its station, without goodbye."""
        self._client_of[device_id].vanish()

    def come_back(self, device_id: str) -> None:
        """Connect the device's station again after `vanish`."""
        self._client_of[device_id].come_back()

    def _begin(self, doing: Coroutine[object, object, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(doing)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return task

    def _tell(self, device: Device, what: str, topic: str = "", payload: str = "") -> None:
        _LOG.debug("simulated %s: %s %s", device.id, what, topic)
        if self._watch is not None:
            self._watch(Happening(device, what, topic, payload))

    def _hear(self, client: Client, topic: str, payload: str) -> None:
        self.received.append((topic, payload))
        try:
            for heard in client.station.hear(topic, payload):
                self._begin(self._obey(client, heard, topic, payload))
        except NonsenseError as error:
            _LOG.debug("a simulated device does not understand %s: %s", topic, error)

    async def _obey(self, client: Client, heard: Heard, topic: str, payload: str) -> None:
        thing, troubles = heard.thing, self._troubles
        lost, mad, what = False, False, "answered"
        if heard.wishes:
            lost, mad = (thing.fate.random() < p for p in (troubles.loss, troubles.rubbish))
            what = "done"
        if not thing.online:
            what = "is offline"
        elif thing.device.id in self.silent:
            what = "is silent"
        elif lost:
            what = "swallowed"
        else:
            await asyncio.sleep(self._latency_s)
            if mad or thing.device.id in self.rubbish:
                what = "answered with rubbish"
                shown = client.station.show(thing, frozenset(thing.state))
                await client.say(Said(said.topic, RUBBISH, said.retain) for said in shown)
            else:
                try:
                    await self._fulfil(client, heard)
                except NonsenseError as error:
                    what = f"not understood: {error}"
                    await client.say(heard.reply(False))
        self._tell(thing.device, what, topic, payload)

    async def _fulfil(self, client: Client, heard: Heard) -> None:
        thing = heard.thing
        if not heard.wishes:
            shown = client.station.show(thing, ()) if heard.asks else ()
            await client.say([*heard.reply(True), *shown])
            return
        steps = _steps(thing, heard.wishes)
        if thing.course is not None:
            thing.course.cancel()
            thing.course = None
        shown = self._step(client, thing, steps[0])
        await client.say([*heard.reply(True), *shown])
        if len(steps) > 1:
            thing.course = self._begin(self._go_on(client, thing, steps))
        for member in thing.device.members:
            if member in self.things:
                with contextlib.suppress(NonsenseError):
                    await self._fulfil(
                        self._client_of[member], Heard(self.things[member], heard.wishes)
                    )

    def _step(self, client: Client, thing: Thing, step: Step) -> Sequence[Said]:
        thing.state.update(step.changes)
        return client.station.show(thing, frozenset(step.changes))

    async def _go_on(self, client: Client, thing: Thing, steps: Sequence[Step]) -> None:
        wait_s = steps[0].wait_s
        for step in steps[1:]:
            await asyncio.sleep(wait_s)
            await client.say(self._step(client, thing, step))
            wait_s = step.wait_s

    async def _report(self, client: Client) -> None:
        """Let each thing of a station say its state every now and then, one after the other."""
        things = client.station.things
        while True:
            for thing in things:
                await asyncio.sleep(self._report_s / len(things))
                if thing.online:
                    await client.say(client.station.show(thing, ()))

    async def _drop_out(self, thing: Thing) -> None:
        """Let a device go away and come back, again and again; some without goodbye."""
        troubles, device_id = self._troubles, thing.device.id
        fate = fate_of(f"{troubles.seed}/{device_id}/dropouts")
        alone = len(self._client_of[device_id].station.things) == 1
        while True:
            await asyncio.sleep(troubles.next_dropout_s(fate))
            rudely = fate.random() < 0.5 and alone
            self._tell(thing.device, "vanishes without goodbye" if rudely else "goes offline")
            if rudely:
                self.vanish(device_id)
            else:
                await self.set_online(device_id, False)
            await asyncio.sleep(troubles.next_return_s(fate))
            self._tell(thing.device, "is back")
            if rudely:
                self.come_back(device_id)
            else:
                await self.set_online(device_id, True)


def _grouped(things: Sequence[Thing], alone: bool) -> list[Sequence[Thing]]:
    if alone:
        return [[thing] for thing in things]
    return [things] if things else []


def _steps(thing: Thing, wishes: Sequence[Wish]) -> list[Step]:
    """What fulfilling all wishes takes. Raises `NonsenseError` without having changed anything."""
    state, steps = dict(thing.state), []
    for wish in wishes:
        for step in thing.behaviour.obey(state, wish):
            state.update(step.changes)
            steps.append(step)
    return steps or [Step({})]
