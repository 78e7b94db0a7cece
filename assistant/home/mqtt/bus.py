"""Performs actions on MQTT devices, and keeps a home's picture up to date."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from assistant.config import MqttSettings
from assistant.errors import BrokerError
from assistant.home.commands.expectations import Refusal, is_number
from assistant.home.commands.plan import plan
from assistant.home.model import Home
from assistant.home.mqtt.confirmation import BROKE, Confirmation
from assistant.home.mqtt.connection import Connection, RefusedError
from assistant.home.mqtt.dialect import Binding, Dialect, GarbageError, Message
from assistant.home.mqtt.expiry import Expiry
from assistant.home.mqtt.homeassistant import HomeAssistantDialect
from assistant.home.mqtt.homeassistant.templates import command_template
from assistant.home.mqtt.pace import Pace
from assistant.home.mqtt.questions import Questions
from assistant.home.mqtt.registry import Registry
from assistant.home.mqtt.shelly import ShellyDialect
from assistant.home.mqtt.tasmota import TasmotaDialect
from assistant.home.mqtt.topics import matches, valid_filter
from assistant.home.mqtt.zigbee2mqtt import Zigbee2MqttDialect
from assistant.types import Action, ActionResult, SlotValue, Status

_LOG = logging.getLogger(__name__)

Callback = Callable[[str, bytes], None]

_SWEEP_S = 20.0
"""How long after a reconnection an announcement may come before it counts as taken back.

Long enough for devices that have lost the broker too.
"""
_BY_HAND = -1
"""Rank of what the user wrote down: before the first dialect."""
_OPENING: Mapping[str, Sequence[tuple[str, Mapping[str, SlotValue]]]] = {
    "lock": (("unlock", {}), ("open", {})),
    "cover": (("open_cover", {}), ("set_cover_position", {"position": 100})),
    "valve": (("open_valve", {}), ("set_valve_position", {"position": 100})),
    "alarm_control_panel": (("alarm_disarm", {}),),
}
"""What must not be done by publishing to the device's own topic."""


class MqttBus:
    """Carries actions to MQTT devices and keeps a home's picture up to date.

    All methods belong to one event loop. Without a broker it keeps trying, and answers every
    action with `Status.UNAVAILABLE`. Nothing is sent later than it was asked for. Announcements on
    topics for which `ignored` holds are no devices of the home. A `guest` does not say on the
    broker that the assistant is there.
    """

    def __init__(
        self,
        settings: MqttSettings,
        home: Home,
        dialects: Sequence[Dialect] | None = None,
        ignored: Callable[[str], bool] = lambda topic: False,
        *,
        guest: bool = False,
    ) -> None:
        self._settings = settings
        self._home = home
        if dialects is None:
            first = HomeAssistantDialect(settings.discovery_prefix)
            shelly = ShellyDialect(settings.base_topic)
            dialects = (first, Zigbee2MqttDialect(), TasmotaDialect(), shelly)
        self._pace = Pace(time.monotonic)
        self._questions = Questions(self._ask, self._pace)
        self._confirmation = Confirmation(home, self._send)
        upkeep = _Upkeep(home, self._questions, self._confirmation)
        self._registry = Registry(home, dialects, ignored, upkeep)
        self._connection = Connection(
            settings, self._received, self._filters, self._greet, guest=guest
        )
        self._connection.on_connection(self._connection_changed)
        self._sweep: asyncio.TimerHandle | None = None
        self._callbacks: list[tuple[str, Callback]] = []
        self._another_controller = False
        """Whether Home Assistant has left word that it is there."""
        self._opening: tuple[int, Mapping[str, str]] = (-1, {})
        """Names by topic that opens something, as of a version of the registry."""

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
        # What templates are made of takes 100 ms to load: not at the first announcement.
        await asyncio.to_thread(command_template, "{{ value | float }}")
        self._questions.start()
        await self._connection.start(required=required)

    async def stop(self) -> None:
        """Disconnect; idempotent."""
        self._end_sweep()
        await self._questions.stop()
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
        self._connection.want([topic_filter], qos=1)
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

        Raises `BrokerError` when there is no connection, when it breaks meanwhile, or when the
        broker does not take the message. What cannot be kept is sent without being kept.
        """
        await self._connection.publish(topic, payload, retain, qos)

    async def perform(self, actions: Sequence[Action]) -> tuple[ActionResult, ...]:
        """Do all at once and wait for each device's own confirmation; one result per action."""
        return tuple(
            await asyncio.gather(
                *(
                    self._publish_own(action)
                    if action.service == "mqtt.publish"
                    else self._perform(action)
                    for action in actions
                )
            )
        )

    async def _perform(self, action: Action) -> ActionResult:
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
        lost = self._connection.lost
        if wait_s := await self._pace.device(device.id):
            return ActionResult(action, Status.REFUSED, _too_many(device.name, wait_s))
        await self._pace.bridge(binding, messages[0].topic)
        if lost.is_set():
            return ActionResult(action, Status.UNAVAILABLE, "not connected to the broker")
        own_limit_s = self._settings.confirm_timeouts.of(device.type)
        status, detail = await self._confirmation.confirm(
            device.id,
            planned,
            binding,
            messages,
            lost=lost,
            limit_s=self._settings.confirm_timeout_s if own_limit_s is None else own_limit_s,
        )
        return ActionResult(_as_done(action, planned.action), status, detail)

    async def _publish_own(self, action: Action) -> ActionResult:
        """Publish `data["payload"]` on the topic `action.device`, which is no way around a yes."""
        topic, payload = action.device, str(action.data.get("payload", ""))
        if not self.connected:
            return ActionResult(action, Status.UNAVAILABLE, "not connected to the broker")
        if (name := self._opened_by().get(topic)) is not None:
            detail = f"this commands {name}: name it as the device of a service"
            return ActionResult(action, Status.REFUSED, detail)
        lost = self._connection.lost
        if wait_s := await self._pace.device(f"topic {topic}"):
            return ActionResult(action, Status.REFUSED, _too_many(topic, wait_s))
        if lost.is_set():
            return ActionResult(action, Status.UNAVAILABLE, "not connected to the broker")
        try:
            await self.publish(topic, payload, bool(action.data.get("retain")))
        except RefusedError as error:
            return ActionResult(action, Status.REFUSED, str(error))
        except BrokerError as error:
            _LOG.warning("%s", error)
            return ActionResult(action, Status.NO_ANSWER, BROKE)
        return ActionResult(action, Status.SENT)

    def _opened_by(self) -> Mapping[str, str]:
        """Topics that open a lock, a door, a valve or disarm an alarm, with the device's name."""
        version, opening = self._opening
        if version == self._registry.version:
            return opening
        opening = {}
        for _, binding in self._registry.bindings:
            device = self._home.devices.get(binding.device.id, binding.device)
            for verb, data in _OPENING.get(device.type, ()):
                action = Action(f"{device.type}.{verb}", device.id, data)
                try:
                    messages = binding.commands(action, self._home.state(device.id))
                except GarbageError:
                    continue
                opening |= {message.topic: device.name for message in messages}
        self._opening = (self._registry.version, opening)
        return opening

    async def _send(self, messages: Sequence[Message]) -> None:
        try:
            for message in messages:
                await self.publish(message.topic, message.payload, message.retain, message.qos)
        except BrokerError as error:
            _LOG.warning("%s", error)
            raise

    async def _ask(self, message: Message) -> None:
        await self.publish(message.topic, message.payload, message.retain, message.qos)

    @property
    def _controller_status(self) -> str:
        """Where Home Assistant says that it is there, for devices to announce themselves again."""
        return f"{self._settings.discovery_prefix.strip('/')}/status"

    def _filters(self) -> Mapping[str, int]:
        """With quality of service 0 for what is kept: Mosquitto drops more than 1,000 at 1."""
        self._another_controller = False
        self._registry.connected()
        known = (self._controller_status, *self._registry.announcements, *self._registry.topics)
        return dict.fromkeys(known, 0) | {pattern: 1 for pattern, _ in self._callbacks}

    async def _greet(self) -> None:
        if not self._another_controller:
            await self.publish(self._controller_status, "online")

    def _connection_changed(self, connected: bool) -> None:
        self._end_sweep()
        if not connected:
            self._questions.drop()
            return
        self._sweep = asyncio.get_running_loop().call_later(_SWEEP_S, self._registry.sweep)
        for _, binding in self._registry.bindings:
            self._questions.about(binding)

    def _end_sweep(self) -> None:
        if self._sweep is not None:
            self._sweep.cancel()

    async def _received(self, topic: str, payload: bytes, kept: bool) -> None:
        if kept and topic == self._controller_status:
            self._another_controller = payload == b"online"
        if wanted := await self._registry.take(topic, payload, kept=kept):
            self._connection.want(wanted)
        if kept:
            return
        for topic_filter, callback in tuple(self._callbacks):
            if matches(topic_filter, topic):
                callback(topic, payload)


class _Upkeep:
    """Asks devices that were found for their state, lets states run out, passes on refusals."""

    def __init__(self, home: Home, questions: Questions, confirmation: Confirmation) -> None:
        self._questions = questions
        self._confirmation = confirmation
        self._expiry = Expiry(home)

    def bound(self, rank: int, binding: Binding) -> None:
        self._questions.about(binding)

    def unbound(self, binding: Binding) -> None:
        self._expiry.forget(binding)

    def told(self, binding: Binding, keys: Collection[str]) -> None:
        self._questions.heard(binding.device.id)
        self._expiry.told(binding, keys)

    def refused(self, binding: Binding, reason: str) -> None:
        self._confirmation.refused(binding.device.id, reason)

    def asked(self, rank: int, messages: Sequence[Message]) -> None:
        self._questions.ask(messages)


def _as_done(asked: Action, planned: Action) -> Action:
    """What was asked for, with the numbers that the device was told: the nearest of its steps."""
    told = {
        key: planned.data[key]
        for key, value in asked.data.items()
        if is_number(value) and is_number(planned.data.get(key))
    }
    return replace(asked, data={**asked.data, **told})


def _too_many(name: str, wait_s: float) -> str:
    return f"too many commands for {name} in a short time; try again in {math.ceil(wait_s)} s"
