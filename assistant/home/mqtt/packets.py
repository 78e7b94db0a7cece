"""MQTT control packets as bytes: the part of OASIS MQTT 3.1.1 that a broker needs."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

from assistant.errors import AssistantError

MAX_PACKET = 1_048_576
"""Longest packet taken, in bytes."""


class PacketType(IntEnum):
    """Kinds of packets (section 2.2.1)."""

    CONNECT = 1
    CONNACK = 2
    PUBLISH = 3
    PUBACK = 4
    PUBREC = 5
    PUBREL = 6
    PUBCOMP = 7
    SUBSCRIBE = 8
    SUBACK = 9
    UNSUBSCRIBE = 10
    UNSUBACK = 11
    PINGREQ = 12
    PINGRESP = 13
    DISCONNECT = 14


class ProtocolError(AssistantError):
    """The peer does not speak MQTT 3.1.1."""


@dataclass(frozen=True, slots=True)
class Publish:
    """A message on its way."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False
    packet_id: int = 0


@dataclass(frozen=True, slots=True)
class Connect:
    """A client's first words."""

    client_id: str
    level: int
    clean: bool
    keepalive_s: int
    will: Publish | None


class PacketReader:
    """Cuts a byte stream into packets."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[tuple[int, int, bytes]]:
        """Take bytes in; returns whole packets as (type, flags, body). Raises `ProtocolError`."""
        self._buffer += data
        packets: list[tuple[int, int, bytes]] = []
        while (header := self._header()) is not None:
            start, length = header
            if len(self._buffer) < start + length:
                break
            first = self._buffer[0]
            packets.append((first >> 4, first & 15, bytes(self._buffer[start : start + length])))
            del self._buffer[: start + length]
        return packets

    def _header(self) -> tuple[int, int] | None:
        """Where the body starts and how long it is, once both are known."""
        if self._buffer and not 1 <= self._buffer[0] >> 4 <= 14:
            raise ProtocolError("reserved packet type")
        length = 0
        for index in range(4):
            if len(self._buffer) < index + 2:
                return None
            byte = self._buffer[index + 1]
            length |= (byte & 127) << (7 * index)
            if not byte & 128:
                if length > MAX_PACKET:
                    raise ProtocolError(f"packet of {length} bytes")
                return index + 2, length
        raise ProtocolError("malformed length")


class _Body:
    """Reads the fields of a packet's body, in order."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def take(self, count: int) -> bytes:
        taken = self._body[self._at : self._at + count]
        if len(taken) < count:
            raise ProtocolError("packet ends early")
        self._at += count
        return taken

    def byte(self) -> int:
        return self.take(1)[0]

    def word(self) -> int:
        return int.from_bytes(self.take(2), "big")

    def data(self) -> bytes:
        return self.take(self.word())

    def text(self) -> str:
        try:
            text = self.data().decode("utf-8")
        except UnicodeDecodeError as error:
            raise ProtocolError("text is not UTF-8") from error
        if "\0" in text:
            raise ProtocolError("text with a null character")
        return text

    def rest(self) -> bytes:
        rest = self._body[self._at :]
        self._at = len(self._body)
        return rest

    @property
    def done(self) -> bool:
        return self._at >= len(self._body)


def read_connect(body: bytes) -> Connect:
    """Decode CONNECT (section 3.1). Raises `ProtocolError`."""
    fields = _Body(body)
    if fields.text() not in ("MQTT", "MQIsdp"):
        raise ProtocolError("not MQTT")
    level, flags, keepalive = fields.byte(), fields.byte(), fields.word()
    if level > 4:
        # What follows differs in MQTT 5; the refusal needs none of it.
        return Connect("", level, True, keepalive, None)
    if flags & 1:
        raise ProtocolError("reserved flag set")
    client_id = fields.text()
    will = None
    if flags & 4:
        topic, payload = fields.text(), fields.data()
        will = Publish(topic, payload, min(flags >> 3 & 3, 1), bool(flags & 32))
    if flags & 128:
        fields.text()
    if flags & 64:
        fields.data()
    return Connect(client_id, level, bool(flags & 2), keepalive, will)


def read_publish(flags: int, body: bytes) -> Publish:
    """Decode PUBLISH (section 3.3). Raises `ProtocolError`."""
    fields = _Body(body)
    qos = flags >> 1 & 3
    if qos == 3:
        raise ProtocolError("quality of service 3")
    topic = fields.text()
    packet_id = fields.word() if qos else 0
    return Publish(topic, fields.rest(), qos, bool(flags & 1), packet_id)


def read_packet_id(body: bytes) -> int:
    """Decode PUBACK, PUBREC, PUBREL and PUBCOMP. Raises `ProtocolError`."""
    return _Body(body).word()


def read_filters(body: bytes, *, with_qos: bool) -> tuple[int, list[tuple[str, int]]]:
    """Decode SUBSCRIBE, or UNSUBSCRIBE (which has no quality of service): packet id, filters."""
    fields = _Body(body)
    packet_id = fields.word()
    filters: list[tuple[str, int]] = []
    while not fields.done:
        topic_filter = fields.text()
        filters.append((topic_filter, fields.byte() & 3 if with_qos else 0))
    return packet_id, filters


def packet(kind: PacketType, flags: int, body: bytes) -> bytes:
    """Encode a packet."""
    length, encoded = len(body), bytearray([kind << 4 | flags])
    while True:
        byte = length & 127
        length >>= 7
        encoded.append(byte | 128 if length else byte)
        if not length:
            return bytes(encoded) + body


def publish(message: Publish) -> bytes:
    """Encode PUBLISH."""
    topic = message.topic.encode()
    body = struct.pack("!H", len(topic)) + topic
    if message.qos:
        body += struct.pack("!H", message.packet_id)
    flags = message.qos << 1 | message.retain
    return packet(PacketType.PUBLISH, flags, body + message.payload)


def answer(kind: PacketType, packet_id: int, body: bytes = b"") -> bytes:
    """Encode a packet that answers the one with `packet_id`."""
    flags = 2 if kind is PacketType.PUBREL else 0
    return packet(kind, flags, struct.pack("!H", packet_id) + body)
