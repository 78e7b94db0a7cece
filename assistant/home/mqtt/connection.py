"""Keeps the connection to the MQTT broker: opens it again, subscribes again, publishes."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import random
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping

import aiomqtt
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.client import MQTTMessage

from assistant.config import MqttSettings
from assistant.errors import BrokerError
from assistant.home.mqtt.client import BrokerClient, ClosedError, RefusedError
from assistant.home.mqtt.ending import end
from assistant.home.mqtt.security import explain, tls_context
from assistant.home.mqtt.topics import valid_topic

__all__ = ["Connection", "RefusedError"]

_LOG = logging.getLogger(__name__)

_FIRST_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 1.0
"""Short enough to be back within 5 s, together with a try that was begun too early."""
_LONGEST_PAUSE_REFUSED_S = 60.0
"""For what another try will hardly change: a wrong password, a wrong certificate."""
_FIRST_TRY_S = 3.0
_FAREWELL_S = 1.0
_BYTES_PER_SUBSCRIPTION = 8192
_OVERHEAD = 16

_UNSUPPORTED_VERSION, _NO_RETAIN = (1, 132), 154
_NOT_AUTHORISED = (4, 5, 134, 135)


class Connection:
    """Stays connected to a broker, with all that is wanted subscribed to.

    `received(topic, payload, kept)` gets every message, `kept` for those that the broker had from
    before (retained). `filters()` is asked at every new connection what to subscribe to, by topic
    filter with quality of service; then `greeted()` is awaited, which may publish, before the
    others are told that the connection is there. All methods belong to one event loop.

    Its own `<base topic>/status` is `online`, or `offline` by its last will. A `guest` says nothing
    of itself: it is a short-lived connection beside the running assistant's.
    """

    def __init__(
        self,
        settings: MqttSettings,
        received: Callable[[str, bytes, bool], Awaitable[None]],
        filters: Callable[[], Mapping[str, int]],
        greeted: Callable[[], Awaitable[None]],
        *,
        guest: bool = False,
    ) -> None:
        self._settings = settings.model_copy(update={"client_id": ""}) if guest else settings
        self._guest = guest
        self._received = received
        self._filters = filters
        self._greeted = greeted
        self._client: BrokerClient | None = None
        self._connected = False
        self._task: asyncio.Task[None] | None = None
        self._tried = asyncio.Event()
        self._fault = ""
        self._observers: list[Callable[[bool], None]] = []
        self.lost: asyncio.Event = asyncio.Event()
        """Set when the present connection breaks; every connection has one of its own."""
        self._wanted: dict[str, int] = {}
        self._wanting = asyncio.Event()
        self._slots = asyncio.Semaphore()

    @property
    def connected(self) -> bool:
        """Whether the broker can be reached now."""
        return self._connected

    @property
    def fault(self) -> str:
        """Why there is no connection; empty while there is one."""
        return self._fault

    @property
    def where(self) -> str:
        """The broker, in words."""
        return f"the MQTT broker at {self._settings.host}:{self._settings.port}"

    @property
    def status_topic(self) -> str:
        """Where it says `online`, and its last will `offline`."""
        return f"{self._settings.base_topic.strip('/')}/status"

    async def start(self, *, required: bool = False) -> None:
        """Connect, and stay connected until `stop`; returns after the first try (3 s at most).

        Raises `BrokerError` only if `required` and the first try failed.
        """
        self._task = asyncio.create_task(self._stay_connected(), name="mqtt")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._tried.wait(), _FIRST_TRY_S)
        if required and not self._connected:
            await self.stop()
            raise BrokerError(self._fault or f"{self.where} does not answer.")

    async def stop(self) -> None:
        """Say goodbye and disconnect; idempotent."""
        task, self._task = self._task, None
        if task is None:
            return
        if self._client is not None and self._connected and not self._guest:
            with contextlib.suppress(aiomqtt.MqttError, RefusedError, TimeoutError):
                async with asyncio.timeout(_FAREWELL_S):
                    await self._client.publish_checked(self.status_topic, "offline", 1, True)
        await end([task])

    def on_connection(self, listener: Callable[[bool], None]) -> None:
        """Call `listener(connected)` whenever the connection comes or goes."""
        self._observers.append(listener)

    def want(self, filters: Iterable[str], qos: int = 0) -> None:
        """Subscribe to more, now; after a reconnection it is up to `filters()`."""
        for topic_filter in filters:
            self._wanted[topic_filter] = max(qos, self._wanted.get(topic_filter, 0))
        if self._wanted:
            self._wanting.set()

    async def publish(
        self, topic: str, payload: str | bytes, retain: bool = False, qos: int = 1
    ) -> None:
        """Publish and wait for the broker to have it.

        Raises `RefusedError` for what the broker does not take, another `BrokerError` when there is
        no connection or it breaks meanwhile. A broker that does not answer in time is left.
        """
        client = self._client
        if client is None:
            raise BrokerError(f"Not connected to {self.where}.")
        if not valid_topic(topic):
            raise RefusedError(f"One cannot publish to {topic[:80]!r}: it is no topic.")
        try:
            async with self._slots:
                if client is not self._client:
                    raise ClosedError()
                await client.publish_checked(topic, payload, qos, retain)
        except ClosedError as error:
            raise BrokerError(f"Publishing to {topic} failed: {error}.") from error
        except aiomqtt.MqttError as error:
            client.abandon()
            raise BrokerError(f"Publishing to {topic} failed: {error}.") from error
        client.acknowledge_at_once()

    async def _stay_connected(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while True:
            longest_s = _LONGEST_PAUSE_S
            try:
                async with contextlib.AsyncExitStack() as stack:
                    client = await self._open(stack)
                    await self._converse(client)
            except (aiomqtt.MqttError, BrokerError) as error:
                if self._connected:
                    pause_s = _FIRST_PAUSE_S
                elif _hopeless(error):
                    longest_s = _LONGEST_PAUSE_REFUSED_S
                self._report(self._explain(error))
            finally:
                self._disconnected()
            self._tried.set()
            await asyncio.sleep(pause_s * random.uniform(0.75, 1.25))  # noqa: S311
            pause_s = min(longest_s, pause_s * 2)

    async def _open(self, stack: contextlib.AsyncExitStack) -> BrokerClient:
        """Connect in the best way that the broker knows.

        MQTT 5 before 3.1.1, and a last will that is kept before one that is not: a broker may say
        that it cannot, or just hang up.
        """
        if not valid_topic(self.status_topic):
            raise BrokerError(
                f"mqtt.base_topic: {self._settings.base_topic[:60]!r} is the beginning of no topic"
            )
        tls = await asyncio.to_thread(tls_context, self._settings)
        protocol = self._settings.protocol
        versions = ["5", "3.1.1"] if protocol == "auto" else [protocol]
        first_fault: aiomqtt.MqttError | None = None
        kept = True
        while versions:
            will = aiomqtt.Will(self.status_topic, "offline", 1, retain=kept)
            last = None if self._guest else will
            client = BrokerClient(self._settings, versions[0], last, tls)
            try:
                await stack.enter_async_context(client)
            except MqttConnectError as error:
                code = getattr(error.rc, "value", error.rc)
                if code in _UNSUPPORTED_VERSION and len(versions) > 1:
                    versions.pop(0)
                elif code == _NO_RETAIN and kept:
                    kept = False
                else:
                    raise
            except ClosedError as error:
                first_fault = first_fault or error
                if len(versions) > 1:
                    versions.pop(0)
                elif kept and versions[0] == "3.1.1":
                    kept = False
                else:
                    raise first_fault from error
            except aiomqtt.MqttError:
                client.abandon()
                raise
            except ValueError as error:
                raise BrokerError(f"{self.where} cannot be reached: {error}") from error
            else:
                if not kept:
                    client.limits = dataclasses.replace(client.limits, retain=False)
                client.prepare_socket()
                return client
        raise first_fault or ClosedError()

    async def _converse(self, client: BrokerClient) -> None:
        self._client = client
        self._slots = asyncio.Semaphore(client.limits.in_flight)
        self.lost = asyncio.Event()
        self._wanted = dict(self._filters())
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

    async def _listen(self, client: BrokerClient) -> None:
        async for message in client.arrivals():
            await self._take(message)

    async def _take(self, message: MQTTMessage) -> None:
        try:
            await self._received(message.topic, bytes(message.payload), bool(message.retain))
        except Exception:  # the supervisor of one message: the next one must find us alive
            _LOG.exception("a message could not be taken in")

    async def _keep_subscribed(self, client: BrokerClient) -> None:
        """Subscribe to what is wanted, many filters to a packet."""
        limit = min(_BYTES_PER_SUBSCRIPTION, client.limits.packet_bytes or _BYTES_PER_SUBSCRIPTION)
        while True:
            self._wanting.clear()
            wanted, self._wanted = self._wanted, {}
            for batch in _batches(wanted, limit):
                codes = await client.subscribe(batch)
                client.acknowledge_at_once()
                for (topic_filter, _), code in zip(batch, codes, strict=False):
                    if _refused(code):
                        _LOG.warning("%s does not let us read %s", self.where, topic_filter)
            if not self._connected:
                await self._come_online()
            await self._wanting.wait()

    async def _come_online(self) -> None:
        try:
            for greet in (self._say_online, self._greeted):
                try:
                    await greet()
                except RefusedError as error:
                    _LOG.warning("%s", error)
        except BrokerError as error:
            raise ClosedError() from error
        self._report("")
        self._connected = True
        self._tried.set()
        self._tell()

    async def _say_online(self) -> None:
        if not self._guest:
            await self.publish(self.status_topic, "online", retain=True)

    def _disconnected(self) -> None:
        self._client = None
        self.lost.set()
        if self._connected:
            self._connected = False
            self._tell()

    def _tell(self) -> None:
        for observer in tuple(self._observers):
            observer(self._connected)

    def _explain(self, error: Exception) -> str:
        if isinstance(error, MqttConnectError):
            code, reason = getattr(error.rc, "value", error.rc), str(error.rc)
            if code in _NOT_AUTHORISED:
                return (
                    f"{self.where} refuses the user name or password; "
                    "set mqtt.username and mqtt.password"
                )
            if code in _UNSUPPORTED_VERSION:
                return f"{self.where} knows no MQTT {self._settings.protocol}; set mqtt.protocol"
            return f"{self.where} refuses the connection: {reason}"
        if isinstance(error, BrokerError):
            return str(error).rstrip(".")
        if (sentence := explain(error.__context__, self._settings)) is not None:
            return f"{self.where} {sentence}"
        if self._connected:
            reason = f" ({error.reason})" if isinstance(error, ClosedError) and error.reason else ""
            return f"the connection to {self.where} broke{reason}"
        if isinstance(error, ClosedError):
            hint = "is it one?"
            if self._settings.tls:
                hint = "it may want (another) mqtt.certificate and mqtt.key"
            return f"{self.where} cannot be reached: it hangs up; {hint}"
        return f"{self.where} cannot be reached: {str(error) or 'no answer'}"

    def _report(self, fault: str) -> None:
        """Log a change of the connection, once."""
        if fault and fault != self._fault:
            _LOG.warning("%s; trying again until it works", fault)
        elif not fault:
            _LOG.info("connected to %s", self.where)
        self._fault = fault


def _hopeless(error: Exception) -> bool:
    """Whether somebody has to change something before another try can succeed."""
    return isinstance(error, MqttConnectError | BrokerError)


def _batches(wanted: Mapping[str, int], limit: int) -> Iterator[list[tuple[str, int]]]:
    """Filters with their quality of service, in packets of at most `limit` bytes."""
    batch: list[tuple[str, int]] = []
    size = _OVERHEAD
    for topic_filter, qos in wanted.items():
        length = len(topic_filter.encode()) + 3
        if batch and size + length > limit:
            yield batch
            batch, size = [], _OVERHEAD
        batch.append((topic_filter, qos))
        size += length
    if batch:
        yield batch


def _refused(code: object) -> bool:
    value = getattr(code, "value", code)
    return isinstance(value, int) and value >= 0x80
