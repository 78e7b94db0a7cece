"""The embedded MQTT broker: for homes that have none, and for the demo home.

MQTT 3.1.1 on loopback only, in a thread with an event loop of its own, so that neither it nor
the assistant can hold the other up. Sessions live as long as their connection; retained messages
as long as the broker. Quality of service 2 is given at 1, as section 3.8.4 allows.
"""

from __future__ import annotations

import asyncio
import errno
import itertools
import logging
import socket
import threading
from typing import cast

from assistant.errors import BrokerError
from assistant.home.mqtt import packets
from assistant.home.mqtt.packets import PacketType, ProtocolError, Publish
from assistant.home.mqtt.topics import matches, valid_filter, valid_topic

_LOG = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
_CONNECT_LIMIT_S = 10.0
_UNSENT_LIMIT = 16 * packets.MAX_PACKET
_START_LIMIT_S = 10.0


class EmbeddedBroker:
    """An MQTT broker on 127.0.0.1 for as long as it is not stopped."""

    def __init__(self, port: int = 1883) -> None:
        self.port = port
        """The port asked for; after `start` the one in use. 0: any free one."""
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None

    async def start(self) -> int:
        """Listen; returns the port, another one if the one asked for is taken.

        Raises `BrokerError` when no port can be had at all.
        """
        listening = self._listen()
        self.port = listening.getsockname()[1]
        started = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(listening, started)),
            name="mqtt-broker",
            daemon=True,
        )
        self._thread.start()
        if not await asyncio.to_thread(started.wait, _START_LIMIT_S):
            raise BrokerError("The embedded MQTT broker did not start; please try again.")
        return self.port

    async def stop(self) -> None:
        """Close all connections and the port; idempotent."""
        thread, self._thread = self._thread, None
        if thread is None or self._loop is None or self._stopping is None:
            return
        self._loop.call_soon_threadsafe(self._stopping.set)
        await asyncio.to_thread(thread.join)

    def _listen(self) -> socket.socket:
        for port in (self.port, 0):
            listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listening.bind((LOOPBACK, port))
                listening.listen(128)
            except OSError as error:
                listening.close()
                if port and error.errno in (errno.EADDRINUSE, errno.EACCES):
                    _LOG.info("port %d is taken; the embedded broker takes a free one", port)
                    continue
                raise BrokerError(
                    f"The embedded MQTT broker cannot listen on {LOOPBACK}: {error.strerror}."
                ) from error
            listening.setblocking(False)
            return listening
        raise BrokerError(f"The embedded MQTT broker found no free port on {LOOPBACK}.")

    async def _serve(self, listening: socket.socket, started: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        exchange = _Exchange()
        server = await self._loop.create_server(lambda: _Connection(exchange), sock=listening)
        started.set()
        try:
            await self._stopping.wait()
        finally:
            server.close()
            exchange.close()
            # One more round, so that the closed connections' callbacks have run.
            await asyncio.sleep(0)


class _Exchange:
    """All connections and retained messages."""

    def __init__(self) -> None:
        self.connections: dict[str, _Connection] = {}
        self.retained: dict[str, Publish] = {}
        self._anonymous = itertools.count(1)

    def enter(self, client_id: str, connection: _Connection) -> str:
        """Take a client in, under a name of its own; an older one of the same name has to go."""
        client_id = client_id or f"anonymous-{next(self._anonymous)}"
        if (older := self.connections.pop(client_id, None)) is not None:
            older.drop("the client connected again")
        self.connections[client_id] = connection
        return client_id

    def leave(self, client_id: str, connection: _Connection) -> None:
        """Let a client go, unless another has taken its name."""
        if self.connections.get(client_id) is connection:
            del self.connections[client_id]

    def publish(self, message: Publish) -> None:
        """Keep a retained message and hand it to all who subscribed."""
        if message.retain:
            if message.payload:
                self.retained[message.topic] = message
            else:
                self.retained.pop(message.topic, None)
        for connection in tuple(self.connections.values()):
            connection.offer(message, retain=False)

    def close(self) -> None:
        """End all connections, without their wills."""
        for connection in tuple(self.connections.values()):
            connection.will = None
            connection.drop("the broker stops")


class _Connection(asyncio.Protocol):
    """One client."""

    def __init__(self, exchange: _Exchange) -> None:
        self.will: Publish | None = None
        self._exchange = exchange
        self._reader = packets.PacketReader()
        self._transport: asyncio.Transport | None = None
        self._client_id = ""
        self._exact: dict[str, int] = {}
        self._wild: dict[str, int] = {}
        self._packet_id = 0
        self._unreleased: set[int] = set()
        self._last_heard = 0.0
        self._silence_limit_s = _CONNECT_LIMIT_S
        self._watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # With the protocol named in _listen, asyncio sets TCP_NODELAY; without, each answer that
        # follows another waits 40 ms for the delayed acknowledgement.
        self._transport = cast(asyncio.Transport, transport)
        self._last_heard = asyncio.get_running_loop().time()
        self._check_silence()

    def data_received(self, data: bytes) -> None:
        self._last_heard = asyncio.get_running_loop().time()
        try:
            for kind, flags, body in self._reader.feed(data):
                self._take(kind, flags, body)
        except ProtocolError as error:
            self.drop(f"it does not speak MQTT 3.1.1: {error}")

    def connection_lost(self, exc: Exception | None) -> None:
        if self._watch is not None:
            self._watch.cancel()
        self._transport = None
        if self._client_id:
            self._exchange.leave(self._client_id, self)
        will, self.will = self.will, None
        if will is not None:
            self._exchange.publish(will)

    def drop(self, reason: str) -> None:
        """End the connection from this side."""
        if self._transport is not None and not self._transport.is_closing():
            _LOG.debug("MQTT client %s dropped: %s", self._client_id or "(unknown)", reason)
            self._transport.abort()

    def offer(self, message: Publish, *, retain: bool) -> None:
        """Send a message if this client has subscribed to its topic."""
        granted = self._exact.get(message.topic, -1)
        for topic_filter, qos in self._wild.items():
            if qos > granted and matches(topic_filter, message.topic):
                granted = qos
        if granted >= 0:
            self._deliver(message, min(granted, message.qos), retain=retain)

    def _deliver(self, message: Publish, qos: int, *, retain: bool) -> None:
        if qos:
            self._packet_id = self._packet_id % 65535 + 1
        copy = Publish(message.topic, message.payload, qos, retain, self._packet_id)
        self._send(packets.publish(copy))

    def _send(self, data: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > _UNSENT_LIMIT:
            self.drop("it does not read what it is sent")

    def _check_silence(self) -> None:
        loop = asyncio.get_running_loop()
        left = self._last_heard + self._silence_limit_s - loop.time()
        if self._silence_limit_s and left <= 0:
            self.drop("nothing was heard from it")
        elif self._silence_limit_s:
            self._watch = loop.call_later(max(left, 0.05), self._check_silence)

    def _take(self, kind: int, flags: int, body: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if bool(self._client_id) == (kind == PacketType.CONNECT):
            raise ProtocolError("CONNECT must come first, and once")
        match kind:
            case PacketType.CONNECT:
                self._connect(body)
            case PacketType.PUBLISH:
                self._published(packets.read_publish(flags, body))
            case PacketType.PUBREL:
                packet_id = packets.read_packet_id(body)
                self._unreleased.discard(packet_id)
                self._send(packets.answer(PacketType.PUBCOMP, packet_id))
            case PacketType.SUBSCRIBE:
                self._subscribe(body)
            case PacketType.UNSUBSCRIBE:
                packet_id, filters = packets.read_filters(body, with_qos=False)
                for topic_filter, _ in filters:
                    self._exact.pop(topic_filter, None)
                    self._wild.pop(topic_filter, None)
                self._send(packets.answer(PacketType.UNSUBACK, packet_id))
            case PacketType.PINGREQ:
                self._send(packets.packet(PacketType.PINGRESP, 0, b""))
            case PacketType.DISCONNECT:
                self.will = None
                self._transport.close()
            case PacketType.PUBACK:
                pass
            case _:
                raise ProtocolError(f"unexpected packet of type {kind}")

    def _connect(self, body: bytes) -> None:
        connect = packets.read_connect(body)
        if connect.level not in (3, 4):
            self._send(packets.packet(PacketType.CONNACK, 0, b"\0\x01"))
            if self._transport is not None:
                self._transport.close()
            return
        self._silence_limit_s = connect.keepalive_s * 1.5
        self._client_id = self._exchange.enter(connect.client_id, self)
        self.will = connect.will
        self._send(packets.packet(PacketType.CONNACK, 0, b"\0\0"))

    def _published(self, message: Publish) -> None:
        if not valid_topic(message.topic):
            raise ProtocolError("a topic with wildcards")
        if message.qos < 2 or message.packet_id not in self._unreleased:
            self._exchange.publish(message)
        if message.qos == 1:
            self._send(packets.answer(PacketType.PUBACK, message.packet_id))
        elif message.qos == 2:
            self._unreleased.add(message.packet_id)
            self._send(packets.answer(PacketType.PUBREC, message.packet_id))

    def _subscribe(self, body: bytes) -> None:
        packet_id, filters = packets.read_filters(body, with_qos=True)
        codes = bytearray()
        granted: list[tuple[str, int]] = []
        for topic_filter, qos in filters:
            if not valid_filter(topic_filter):
                codes.append(0x80)
                continue
            best = min(qos, 1)
            codes.append(best)
            wild = "+" in topic_filter or "#" in topic_filter
            (self._wild if wild else self._exact)[topic_filter] = best
            granted.append((topic_filter, best))
        self._send(packets.answer(PacketType.SUBACK, packet_id, bytes(codes)))
        for topic_filter, qos in granted:
            for message in tuple(self._exchange.retained.values()):
                if matches(topic_filter, message.topic):
                    self._deliver(message, min(qos, message.qos), retain=True)
