"""The connection to the MQTT broker: keeps it, listens to the home, and performs actions."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Sequence

import aiomqtt
from aiomqtt.exceptions import MqttConnectError

from assistant.config import MqttSettings
from assistant.errors import BrokerError
from assistant.home.commands import plan
from assistant.home.expectations import Plan, Refusal, satisfied
from assistant.home.model import Home
from assistant.home.mqtt.dialect import Binding, Dialect, GarbageError, Message
from assistant.home.mqtt.ending import end
from assistant.home.mqtt.homeassistant import HomeAssistantDialect
from assistant.home.mqtt.registry import Registry
from assistant.home.mqtt.tasmota import TasmotaDialect
from assistant.home.mqtt.topics import matches, valid_filter
from assistant.home.mqtt.zigbee2mqtt import Zigbee2MqttDialect
from assistant.types import Action, ActionResult, Status

_LOG = logging.getLogger(__name__)

Callback = Callable[[str, bytes], None]

NO_DELAY = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
"""Socket option: small packets leave at once instead of waiting for an acknowledgement."""

_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 30.0
_FIRST_TRY_S = 3.0
_ANSWER_LIMIT_S = 5.0
_KEEPALIVE_S = 15
_GRACE_S = 0.25
"""How long a device may take to repeat a state that it was already known to be in."""
_FILTERS_PER_PACKET = 64
_BY_HAND = -1
"""Rank of what the user wrote down: before the first dialect."""


_OPENING_VERBS = {
    "lock": ("unlock", "open"),
    "cover": ("open_cover",),
    "valve": ("open_valve",),
    "alarm_control_panel": ("alarm_disarm",),
}


class MqttBus:
    """Carries actions to MQTT devices and keeps a home's picture up to date.

    All methods belong to one event loop. Without a broker it keeps trying, and answers every
    action with `Status.UNAVAILABLE`. Nothing is sent later than it was asked for. Announcements on
    topics for which `ignored` holds are no devices of the home.
    """

    def __init__(
        self,
        settings: MqttSettings,
        home: Home,
        dialects: Sequence[Dialect] | None = None,
        ignored: Callable[[str], bool] = lambda topic: False,
    ) -> None:
        self._settings = settings
        self._home = home
        if dialects is None:
            first = HomeAssistantDialect(settings.discovery_prefix)
            dialects = (first, Zigbee2MqttDialect(), TasmotaDialect())
        self._registry = Registry(home, dialects, ignored)
        self._client: aiomqtt.Client | None = None
        self._connected = False
        self._task: asyncio.Task[None] | None = None
        self._tried = asyncio.Event()
        self._fault = ""
        self._callbacks: list[tuple[str, Callback]] = []
        self._observers: list[Callable[[bool], None]] = []
        self._lost: asyncio.Event = asyncio.Event()
        self._wanted: list[str] = []
        self._wanting = asyncio.Event()

    @property
    def connected(self) -> bool:
        """Whether the broker can be reached now."""
        return self._connected

    @property
    def fault(self) -> str:
        """Why there is no connection; empty while there is one."""
        return self._fault

    async def start(self, *, required: bool = False) -> None:
        """Connect, and stay connected until `stop`; returns after the first try (3 s at most).

        Raises `BrokerError` only if `required` and the first try failed.
        """
        self._task = asyncio.create_task(self._stay_connected(), name="mqtt")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._tried.wait(), _FIRST_TRY_S)
        if required and not self._connected:
            await self.stop()
            raise BrokerError(self._fault or f"{self._where} does not answer.")

    async def stop(self) -> None:
        """Disconnect; idempotent."""
        task, self._task = self._task, None
        if task is not None:
            await end([task])

    def on_connection(self, listener: Callable[[bool], None]) -> None:
        """Call `listener(connected)` whenever the connection comes or goes."""
        self._observers.append(listener)

    def subscribe(self, topic_filter: str, callback: Callback) -> Callable[[], None]:
        """Call `callback(topic, payload)` for messages, now and after every reconnection.

        Not for those the broker kept from before (retained): a request is carried out once.
        Returns how to stop that. Raises `ValueError` for what is no topic filter.
        """
        if not valid_filter(topic_filter):
            raise ValueError(f"not an MQTT topic filter: {topic_filter!r}")
        entry = (topic_filter, callback)
        self._callbacks.append(entry)
        self._want([topic_filter])
        return lambda: self._callbacks.remove(entry)

    def bind(self, bindings: Sequence[Binding]) -> None:
        """Take devices that were written down by hand, in place of those taken so before.

        They go before whatever announces the same devices.
        """
        self._want(self._registry.offer(_BY_HAND, "by hand", bindings))

    async def publish(
        self, topic: str, payload: str | bytes, retain: bool = False, qos: int = 1
    ) -> None:
        """Publish and wait for the broker to have it.

        Raises `BrokerError` when there is no connection or it breaks meanwhile.
        """
        if self._client is None or not self._connected:
            raise BrokerError(f"Not connected to {self._where}.")
        try:
            await self._client.publish(
                topic, payload, qos=qos, retain=retain, timeout=_ANSWER_LIMIT_S
            )
            if self._client is not None:
                _acknowledge_at_once(self._client)
        except (aiomqtt.MqttError, ValueError) as error:
            raise BrokerError(f"Publishing to {topic} failed: {error}.") from error

    async def perform(self, actions: Sequence[Action]) -> tuple[ActionResult, ...]:
        """Do all at once and wait for each device's own confirmation; one result per action."""
        return tuple(await asyncio.gather(*(self._perform(action) for action in actions)))

    async def _perform(self, action: Action) -> ActionResult:
        if action.service == "mqtt.publish":
            return await self._publish_own(action)
        device = self._home.devices.get(action.device)
        if device is None:
            return ActionResult(action, Status.REFUSED, f"there is no device {action.device}")
        planned = plan(device, action, self._home.state(device.id))
        if isinstance(planned, Refusal):
            return ActionResult(action, Status.REFUSED, planned.reason)
        if not self._connected:
            return ActionResult(action, Status.UNAVAILABLE, "not connected to the broker")
        binding = self._registry.binding(device.id)
        if binding is None:
            return ActionResult(action, Status.UNAVAILABLE, "it has not announced itself by MQTT")
        if not self._home.available(device.id):
            return ActionResult(action, Status.UNAVAILABLE, "it is offline")
        try:
            messages = binding.commands(planned.action, self._home.state(device.id))
        except GarbageError as error:
            return ActionResult(action, Status.REFUSED, str(error))
        if not messages:
            return ActionResult(action, Status.REFUSED, f"it cannot do {planned.action.service}")
        status, detail = await self._confirm(device.id, planned, binding, messages)
        return ActionResult(action, status, detail)

    async def _publish_own(self, action: Action) -> ActionResult:
        """Publish `data["payload"]` on the topic `action.device`, which is no way around a yes."""
        topic, payload = action.device, str(action.data.get("payload", ""))
        if not self._connected:
            return ActionResult(action, Status.UNAVAILABLE, "not connected to the broker")
        for device in tuple(self._home.devices.values()):
            binding = self._registry.binding(device.id)
            if binding is None:
                continue
            for verb in _OPENING_VERBS.get(device.type, ()):
                opening = Action(f"{device.type}.{verb}", device.id)
                try:
                    messages = binding.commands(opening, self._home.state(device.id))
                except GarbageError:
                    continue
                if any(message.topic == topic for message in messages):
                    detail = f"this commands {device.name}: name it as the device of a service"
                    return ActionResult(action, Status.REFUSED, detail)
        message = Message(topic, payload, retain=bool(action.data.get("retain")))
        sent = await self._send([message])
        detail = "" if sent else "the connection to the broker broke"
        return ActionResult(action, Status.SENT if sent else Status.NO_ANSWER, detail)

    async def _confirm(
        self, device_id: str, planned: Plan, binding: Binding, messages: Sequence[Message]
    ) -> tuple[Status, str]:
        """Publish, and wait until the device shows what was wanted of it."""
        checks = planned.confirmable(binding.reports)
        was_so = satisfied(checks, self._home.state(device_id))
        settled = asyncio.Event()

        def look(changed: str) -> None:
            if changed == device_id and (
                satisfied(checks, self._home.state(device_id))
                or not self._home.available(device_id)
            ):
                settled.set()

        lost, limit_s = self._lost, self._settings.confirm_timeout_s
        stop_looking = self._home.on_state(look)
        try:
            sending = asyncio.create_task(self._send(messages))
            if not checks:
                if not await sending:
                    return Status.NO_ANSWER, "the connection to the broker broke"
                self._assume(device_id, planned, binding)
                return Status.SENT, ""
            await _first(settled, lost, min(limit_s, _GRACE_S) if was_so else limit_s)
        finally:
            stop_looking()
        state = self._home.state(device_id)
        if not self._home.available(device_id):
            return Status.NO_ANSWER, "it went offline"
        if satisfied(checks, state) and (settled.is_set() or not lost.is_set()):
            self._assume(device_id, planned, binding)
            return Status.CONFIRMED, ""
        if lost.is_set():
            return Status.NO_ANSWER, "the connection to the broker broke"
        shown = ", ".join(f"{key}={state[key]}" for key, _ in checks if key in state)
        return Status.NO_ANSWER, f"it shows {shown}" if shown else "it has shown no state"

    def _assume(self, device_id: str, planned: Plan, binding: Binding) -> None:
        """Believe what no message will ever tell."""
        unseen = {k: v for k, v in planned.state.items() if k not in binding.reports}
        if unseen:
            self._home.update_state(device_id, unseen)

    async def _send(self, messages: Sequence[Message]) -> bool:
        try:
            for message in messages:
                await self.publish(message.topic, message.payload, message.retain, message.qos)
        except BrokerError as error:
            _LOG.warning("%s", error)
            return False
        return True

    @property
    def _where(self) -> str:
        return f"the MQTT broker at {self._settings.host}:{self._settings.port}"

    async def _stay_connected(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                async with self._make_client() as client:
                    await self._converse(client)
            except aiomqtt.MqttError as error:
                if self._connected:
                    pause_s = _FIRST_PAUSE_S
                self._report(self._explain(error))
            finally:
                self._disconnected()
            self._tried.set()
            await asyncio.sleep(pause_s)
            pause_s = min(_LONGEST_PAUSE_S, pause_s * 2)

    def _make_client(self) -> aiomqtt.Client:
        # A new client for every connection: none has commands left over from the one before.
        return aiomqtt.Client(
            self._settings.host,
            self._settings.port,
            username=self._settings.username or None,
            password=self._settings.password or None,
            keepalive=_KEEPALIVE_S,
            timeout=_ANSWER_LIMIT_S,
            socket_options=(NO_DELAY,),
        )

    async def _converse(self, client: aiomqtt.Client) -> None:
        client.pending_calls_threshold = 1000
        self._client = client
        self._lost = asyncio.Event()
        self._wanted = [
            *self._registry.announcements,
            *(topic_filter for topic_filter, _ in self._callbacks),
            *self._registry.topics,
        ]
        tasks = [
            asyncio.create_task(self._listen(client)),
            asyncio.create_task(self._keep_subscribed(client)),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await end(tasks)
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome

    async def _listen(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            if isinstance(message.payload, bytes | bytearray):
                topic, payload = message.topic.value, bytes(message.payload)
                try:
                    self._received(topic, payload, kept=message.retain)
                except Exception:  # the supervisor of one message: the next one must find us alive
                    _LOG.exception("a message could not be taken in")

    async def _keep_subscribed(self, client: aiomqtt.Client) -> None:
        """Subscribe to what is wanted, many filters to a packet."""
        while True:
            self._wanting.clear()
            filters = list(dict.fromkeys(self._wanted))
            self._wanted.clear()
            for start in range(0, len(filters), _FILTERS_PER_PACKET):
                batch = filters[start : start + _FILTERS_PER_PACKET]
                codes = await client.subscribe([(topic_filter, 1) for topic_filter in batch])
                for topic_filter, code in zip(batch, codes, strict=False):
                    if _refused(code):
                        _LOG.warning("%s does not let us read %s", self._where, topic_filter)
            if not self._connected:
                self._report("")
                self._connected = True
                self._tried.set()
                self._tell()
            await self._wanting.wait()

    def _want(self, filters: Sequence[str]) -> None:
        self._wanted += filters
        self._wanting.set()

    def _received(self, topic: str, payload: bytes, *, kept: bool) -> None:
        if wanted := self._registry.receive(topic, payload):
            self._want(wanted)
        if kept:
            return
        for topic_filter, callback in tuple(self._callbacks):
            if matches(topic_filter, topic):
                callback(topic, payload)

    def _disconnected(self) -> None:
        self._client = None
        self._lost.set()
        if self._connected:
            self._connected = False
            self._tell()

    def _tell(self) -> None:
        for observer in tuple(self._observers):
            observer(self._connected)

    def _explain(self, error: aiomqtt.MqttError) -> str:
        if isinstance(error, MqttConnectError):
            reason = str(error.rc)
            if error.rc in (4, 5, 134, 135) or "uthoriz" in reason or "password" in reason:
                return (
                    f"{self._where} refuses the user name or password; "
                    "set mqtt.username and mqtt.password"
                )
            return f"{self._where} refuses the connection: {reason}"
        if self._connected:
            return f"the connection to {self._where} broke"
        return f"{self._where} cannot be reached: {str(error) or 'no answer'}"

    def _report(self, fault: str) -> None:
        """Log a change of the connection, once."""
        if fault and fault != self._fault:
            _LOG.warning("%s; trying again until it works", fault)
        elif not fault:
            _LOG.info("connected to %s", self._where)
        self._fault = fault


def _refused(code: object) -> bool:
    value = getattr(code, "value", code)
    return isinstance(value, int) and value >= 0x80


def _acknowledge_at_once(client: aiomqtt.Client) -> None:
    """Send the delayed TCP acknowledgement now.

    A broker that has not switched Nagle's algorithm off (Mosquitto, unless told to) waits for it,
    some 40 ms, before it passes on the device's answer to a command.
    """
    connection = client._client.socket()
    if isinstance(connection, socket.socket) and hasattr(socket, "TCP_QUICKACK"):
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


async def _first(settled: asyncio.Event, lost: asyncio.Event, limit_s: float) -> None:
    """Wait until one of the events is set, or for so long."""
    waiters = [asyncio.create_task(event.wait()) for event in (settled, lost)]
    try:
        await asyncio.wait(waiters, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for waiter in waiters:
            waiter.cancel()
