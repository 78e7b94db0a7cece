"""The connection to the MQTT broker: keeps it, its subscriptions, and publishes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Iterable, Sequence

import aiomqtt
from aiomqtt.exceptions import MqttConnectError

from assistant.config import MqttSettings
from assistant.errors import BrokerError
from assistant.home.mqtt.ending import end

_LOG = logging.getLogger(__name__)

NO_DELAY = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
"""Socket option: small packets leave at once instead of waiting for an acknowledgement."""

_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 30.0
_FIRST_TRY_S = 3.0
_ANSWER_LIMIT_S = 5.0
_KEEPALIVE_S = 15
_FILTERS_PER_PACKET = 64


class Connection:
    """Stays connected to a broker, with all that is wanted subscribed to.

    `received(topic, payload, kept)` gets every message, `kept` for those that the broker had from
    before (retained); `filters()` is asked at every new connection what to subscribe to. All
    methods belong to one event loop.
    """

    def __init__(
        self,
        settings: MqttSettings,
        received: Callable[[str, bytes, bool], None],
        filters: Callable[[], Iterable[str]],
    ) -> None:
        self._settings = settings
        self._received = received
        self._filters = filters
        self._client: aiomqtt.Client | None = None
        self._connected = False
        self._task: asyncio.Task[None] | None = None
        self._tried = asyncio.Event()
        self._fault = ""
        self._observers: list[Callable[[bool], None]] = []
        self.lost: asyncio.Event = asyncio.Event()
        """Set when the present connection breaks; every connection has one of its own."""
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
            raise BrokerError(self._fault or f"{self.where} does not answer.")

    async def stop(self) -> None:
        """Disconnect; idempotent."""
        task, self._task = self._task, None
        if task is not None:
            await end([task])

    def on_connection(self, listener: Callable[[bool], None]) -> None:
        """Call `listener(connected)` whenever the connection comes or goes."""
        self._observers.append(listener)

    async def publish(
        self, topic: str, payload: str | bytes, retain: bool = False, qos: int = 1
    ) -> None:
        """Publish and wait for the broker to have it.

        Raises `BrokerError` when there is no connection or it breaks meanwhile.
        """
        if self._client is None or not self._connected:
            raise BrokerError(f"Not connected to {self.where}.")
        try:
            await self._client.publish(
                topic, payload, qos=qos, retain=retain, timeout=_ANSWER_LIMIT_S
            )
            if self._client is not None:
                _acknowledge_at_once(self._client)
        except (aiomqtt.MqttError, ValueError) as error:
            raise BrokerError(f"Publishing to {topic} failed: {error}.") from error

    @property
    def where(self) -> str:
        """The broker, in words."""
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
        self.lost = asyncio.Event()
        self._wanted = [*self._filters()]
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
                    self._received(topic, payload, message.retain)
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
                        _LOG.warning("%s does not let us read %s", self.where, topic_filter)
            if not self._connected:
                self._report("")
                self._connected = True
                self._tried.set()
                self._tell()
            await self._wanting.wait()

    def want(self, filters: Sequence[str]) -> None:
        """Subscribe to more, now; after a reconnection it is up to `filters()`."""
        self._wanted += filters
        self._wanting.set()

    def _disconnected(self) -> None:
        self._client = None
        self.lost.set()
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
                    f"{self.where} refuses the user name or password; "
                    "set mqtt.username and mqtt.password"
                )
            return f"{self.where} refuses the connection: {reason}"
        if self._connected:
            return f"the connection to {self.where} broke"
        return f"{self.where} cannot be reached: {str(error) or 'no answer'}"

    def _report(self, fault: str) -> None:
        """Log a change of the connection, once."""
        if fault and fault != self._fault:
            _LOG.warning("%s; trying again until it works", fault)
        elif not fault:
            _LOG.info("connected to %s", self.where)
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
