"""Performs actions on MQTT devices, and keeps a home's picture up to date."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence

from assistant.config import MqttSettings
from assistant.errors import BrokerError
from assistant.home.commands import plan
from assistant.home.expectations import Refusal
from assistant.home.model import Home
from assistant.home.mqtt.confirmation import Confirmation
from assistant.home.mqtt.connection import NO_DELAY, Connection
from assistant.home.mqtt.dialect import Binding, Dialect, GarbageError, Message
from assistant.home.mqtt.homeassistant import HomeAssistantDialect
from assistant.home.mqtt.registry import Registry
from assistant.home.mqtt.shelly import ShellyDialect
from assistant.home.mqtt.tasmota import TasmotaDialect
from assistant.home.mqtt.topics import matches, valid_filter
from assistant.home.mqtt.zigbee2mqtt import Zigbee2MqttDialect
from assistant.types import Action, ActionResult, Status

__all__ = ["NO_DELAY", "Callback", "MqttBus"]

_LOG = logging.getLogger(__name__)

Callback = Callable[[str, bytes], None]

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
            shelly = ShellyDialect(settings.base_topic)
            dialects = (first, Zigbee2MqttDialect(), TasmotaDialect(), shelly)
        self._registry = Registry(home, dialects, ignored)
        self._connection = Connection(settings, self._received, self._filters)
        self._confirmation = Confirmation(home, self._send)
        self._callbacks: list[tuple[str, Callback]] = []

    @property
    def connected(self) -> bool:
        """Whether the broker can be reached now."""
        return self._connection.connected

    @property
    def fault(self) -> str:
        """Why there is no connection; empty while there is one."""
        return self._connection.fault

    async def start(self, *, required: bool = False) -> None:
        """Connect, and stay connected until `stop`; returns after the first try (3 s at most).

        Raises `BrokerError` only if `required` and the first try failed.
        """
        await self._connection.start(required=required)

    async def stop(self) -> None:
        """Disconnect; idempotent."""
        await self._connection.stop()

    def on_connection(self, listener: Callable[[bool], None]) -> None:
        """Call `listener(connected)` whenever the connection comes or goes."""
        self._connection.on_connection(listener)

    def subscribe(self, topic_filter: str, callback: Callback) -> Callable[[], None]:
        """Call `callback(topic, payload)` for messages, now and after every reconnection.

        Not for those the broker kept from before (retained): a request is carried out once.
        Returns how to stop that. Raises `ValueError` for what is no topic filter.
        """
        if not valid_filter(topic_filter):
            raise ValueError(f"not an MQTT topic filter: {topic_filter!r}")
        entry = (topic_filter, callback)
        self._callbacks.append(entry)
        self._connection.want([topic_filter])
        return lambda: self._callbacks.remove(entry)

    def bind(self, bindings: Sequence[Binding]) -> None:
        """Take devices that were written down by hand, in place of those taken so before.

        They go before whatever announces the same devices.
        """
        self._connection.want(self._registry.offer(_BY_HAND, "by hand", bindings))

    async def publish(
        self, topic: str, payload: str | bytes, retain: bool = False, qos: int = 1
    ) -> None:
        """Publish and wait for the broker to have it.

        Raises `BrokerError` when there is no connection or it breaks meanwhile.
        """
        await self._connection.publish(topic, payload, retain, qos)

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
        if not self.connected:
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
        status, detail = await self._confirmation.confirm(
            device.id,
            planned,
            binding,
            messages,
            lost=self._connection.lost,
            limit_s=self._settings.confirm_timeout_s,
        )
        return ActionResult(action, status, detail)

    async def _publish_own(self, action: Action) -> ActionResult:
        """Publish `data["payload"]` on the topic `action.device`, which is no way around a yes."""
        topic, payload = action.device, str(action.data.get("payload", ""))
        if not self.connected:
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

    async def _send(self, messages: Sequence[Message]) -> bool:
        try:
            for message in messages:
                await self.publish(message.topic, message.payload, message.retain, message.qos)
        except BrokerError as error:
            _LOG.warning("%s", error)
            return False
        return True

    def _filters(self) -> Iterable[str]:
        return (
            *self._registry.announcements,
            *(topic_filter for topic_filter, _ in self._callbacks),
            *self._registry.topics,
        )

    def _received(self, topic: str, payload: bytes, kept: bool) -> None:
        if wanted := self._registry.receive(topic, payload):
            self._connection.want(wanted)
        if kept:
            return
        for topic_filter, callback in tuple(self._callbacks):
            if matches(topic_filter, topic):
                callback(topic, payload)
