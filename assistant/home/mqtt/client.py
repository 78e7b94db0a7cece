"""One connection to a broker, from CONNECT to its end, in MQTT 5 or 3.1.1.

On top of aiomqtt: what the broker says of itself in its CONNACK (MQTT 5, section 3.2.2.3), its
answer to every publication, and an end that is noticed at once by whoever waits for one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import aiomqtt
from paho.mqtt.client import (
    MQTT_CLEAN_START_FIRST_ONLY,
    MQTT_ERR_SUCCESS,
    Client,
    ConnectFlags,
    DisconnectFlags,
    MQTTMessage,
)
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from assistant.config import MqttSettings
from assistant.errors import BrokerError

_PAHO_LOG = logging.getLogger(f"{__name__}.paho")
"""Silent: what goes wrong is told by the connection, once and in plain words."""
_PAHO_LOG.setLevel(logging.CRITICAL)

NO_DELAY = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
"""Socket option: small packets leave at once instead of waiting for an acknowledgement."""

ANSWER_LIMIT_S = 5.0
"""How long a broker may take to answer a packet."""

_CONNECT_LIMIT_S = 3.0
_FAREWELL_S = 0.5
_KEEPALIVE_S = 15
_PING_S = 5
"""A broker that says nothing for two such intervals is gone."""
_GONE_MS = 5000
_IN_FLIGHT = 20
_MESSAGES_AT_ONCE_S = 0.002


class ClosedError(aiomqtt.MqttError):
    """The broker closed the connection instead of answering, or while something was under way."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason or "the connection was closed")
        self.reason = reason


class RefusedError(BrokerError):
    """The broker, or what it said of itself, does not allow a publication."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a broker takes; the defaults are for one that does not tell."""

    retain: bool = True
    """Whether it keeps messages."""
    qos: int = 2
    """Highest quality of service."""
    packet_bytes: int | None = None
    """Longest packet."""
    in_flight: int = _IN_FLIGHT
    """Publications that may wait for its answer at once."""

    @staticmethod
    def told(properties: Properties | None) -> Limits:
        """What a CONNACK says."""
        in_flight = getattr(properties, "ReceiveMaximum", _IN_FLIGHT)
        return Limits(
            retain=bool(getattr(properties, "RetainAvailable", 1)),
            qos=getattr(properties, "MaximumQoS", 2),
            packet_bytes=getattr(properties, "MaximumPacketSize", None),
            in_flight=max(1, min(_IN_FLIGHT, in_flight)),
        )


class BrokerClient(aiomqtt.Client):
    """An MQTT client for one connection; a new one is made for the next.

    So nothing is left over from one connection to the next: no command is sent late or twice. The
    session ends with the connection (clean start, expiry 0), so that the broker keeps nothing back
    for us either.
    """

    def __init__(
        self,
        settings: MqttSettings,
        version: str,
        will: aiomqtt.Will | None,
        tls: ssl.SSLContext | None,
    ) -> None:
        five = version == "5"
        properties = _connect_properties() if five else None
        super().__init__(
            settings.host,
            settings.port,
            username=settings.username or None,
            password=settings.password or None,
            identifier=settings.client_id or None,
            protocol=aiomqtt.ProtocolVersion.V5 if five else aiomqtt.ProtocolVersion.V311,
            clean_session=None if five else True,
            clean_start=True if five else MQTT_CLEAN_START_FIRST_ONLY,
            properties=properties,
            will=will,
            transport=settings.transport,
            websocket_path=settings.websocket_path or "/",
            tls_context=tls,
            keepalive=_KEEPALIVE_S,
            timeout=ANSWER_LIMIT_S,
            logger=_PAHO_LOG,
        )
        self.limits = Limits()
        """What the broker takes; told once the connection is there."""
        self.pending_calls_threshold = 100_000
        self._client.connect_timeout = _CONNECT_LIMIT_S
        self._unanswered: dict[int, asyncio.Future[ReasonCode]] = {}
        self._arrived: deque[MQTTMessage] = deque()
        self._news = asyncio.Event()
        self._end: ClosedError | None = None
        self._disconnected.add_done_callback(self._ended)

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Disconnect, by force where the broker does not take leave in time."""
        self.timeout = _FAREWELL_S
        try:
            await super().__aexit__(exc_type, exc, tb)
        except aiomqtt.MqttError:
            self.abandon()

    async def publish_checked(
        self, topic: str, payload: str | bytes, qos: int, retain: bool
    ) -> None:
        """Publish, and wait for the broker's word that it has the message.

        A broker that keeps no messages gets none to keep. Raises `RefusedError` for what the broker
        does not take, `aiomqtt.MqttError` when it does not answer or the connection breaks.
        """
        data = payload.encode() if isinstance(payload, str) else payload
        longest = self.limits.packet_bytes
        # Fixed header (5), length of the topic (2), packet id (2), properties (1).
        if longest is not None and (size := len(topic.encode()) + len(data) + 10) > longest:
            raise RefusedError(
                f"The message for {topic[:80]} is {size} bytes long, and the broker takes "
                f"{longest} at most; raise the broker's limit."
            )
        info = self._client.publish(
            topic, data, min(qos, self.limits.qos), retain and self.limits.retain
        )
        if info.rc != MQTT_ERR_SUCCESS:
            raise self._end or ClosedError()
        if info.is_published():
            return
        answer = self._unanswered[info.mid] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(ANSWER_LIMIT_S):
                reason = await answer
        except TimeoutError:
            raise aiomqtt.MqttError("the broker does not answer") from None
        finally:
            self._unanswered.pop(info.mid, None)
        if reason.is_failure:
            raise RefusedError(f"The broker does not take the message for {topic[:80]}: {reason}.")

    async def arrivals(self) -> AsyncIterator[MQTTMessage]:
        """Messages as they come in, giving way to others every few milliseconds.

        Raises `ClosedError` when the connection ends.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + _MESSAGES_AT_ONCE_S
        while True:
            while self._arrived:
                yield self._arrived.popleft()
                if loop.time() >= until:
                    await asyncio.sleep(0)
                    until = loop.time() + _MESSAGES_AT_ONCE_S
            if self._end is not None:
                raise self._end
            self._news.clear()
            await self._news.wait()
            until = loop.time() + _MESSAGES_AT_ONCE_S

    def abandon(self) -> None:
        """Cut the connection off, without a word to a broker that does not listen."""
        end = self._end = self._end or ClosedError()
        self._client._sock_close()
        if not self._disconnected.done():
            self._disconnected.set_exception(end)

    def prepare_socket(self) -> None:
        """Let small packets out at once, and let the kernel notice a peer that has vanished."""
        connection = self.tcp_socket
        if connection is None:
            return
        options: list[tuple[int, str, int]] = [
            (socket.IPPROTO_TCP, "TCP_NODELAY", 1),
            (socket.SOL_SOCKET, "SO_KEEPALIVE", 1),
            (socket.IPPROTO_TCP, "TCP_KEEPIDLE", 3),
            (socket.IPPROTO_TCP, "TCP_KEEPINTVL", 1),
            (socket.IPPROTO_TCP, "TCP_KEEPCNT", 2),
            (socket.IPPROTO_TCP, "TCP_USER_TIMEOUT", _GONE_MS),
        ]
        for level, name, value in options:
            if hasattr(socket, name):
                with contextlib.suppress(OSError):
                    connection.setsockopt(level, getattr(socket, name), value)

    def acknowledge_at_once(self) -> None:
        """Send the delayed TCP acknowledgement now.

        A broker that has not switched Nagle's algorithm off (Mosquitto, unless told to) waits for
        it, some 40 ms, before it passes on the device's answer to a command.
        """
        connection = self.tcp_socket
        if connection is not None and hasattr(socket, "TCP_QUICKACK"):
            with contextlib.suppress(OSError):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

    @property
    def tcp_socket(self) -> socket.socket | None:
        """The socket below TLS and websockets; None when the connection is gone."""
        connection: object = self._client.socket()
        if not isinstance(connection, socket.socket):
            connection = getattr(connection, "_socket", None)
        return connection if isinstance(connection, socket.socket) else None

    def _on_connect(
        self,
        client: Client,
        userdata: Any,
        flags: ConnectFlags,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        self.limits = Limits.told(properties)
        # The broker is promised a sign of life less often than it gets one.
        client._keepalive = min(_PING_S, client.keepalive or _PING_S)
        super()._on_connect(client, userdata, flags, reason_code, properties)

    def _on_disconnect(
        self,
        client: Client,
        userdata: Any,
        flags: DisconnectFlags,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        reason = str(reason_code) if flags.is_disconnect_packet_from_server else ""
        if self._end is None:
            self._end = ClosedError(reason)
        if not self._connected.done():
            self._connected.set_exception(self._end)
        super()._on_disconnect(client, userdata, flags, reason_code, properties)

    def _on_publish(
        self,
        client: Client,
        userdata: Any,
        mid: int,
        reason_code: ReasonCode,
        properties: Properties,
    ) -> None:
        answer = self._unanswered.pop(mid, None)
        if answer is not None and not answer.done():
            answer.set_result(reason_code)

    def _on_message(self, client: Client, userdata: Any, message: MQTTMessage) -> None:
        self._arrived.append(message)
        self._news.set()

    def _ended(self, disconnected: asyncio.Future[None]) -> None:
        if disconnected.cancelled():
            return
        disconnected.exception()
        end = self._end = self._end or ClosedError()
        self._news.set()
        waiting: list[asyncio.Future[Any]] = [*self._unanswered.values()]
        waiting += self._pending_subscribes.values()
        for answer in waiting:
            if not answer.done():
                answer.set_exception(end)


def _connect_properties() -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = 0
    # Mosquitto drops what it has kept beyond 1,000 messages for a client that takes fewer.
    properties.ReceiveMaximum = 65535
    return properties
