"""One MQTT client of the simulated home: connects, announces, listens, and may vanish."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Iterable

import aiomqtt

from assistant.config import MqttSettings
from assistant.home.mqtt.client import NO_DELAY
from assistant.home.mqtt.ending import end
from assistant.home.mqtt.security import tls_context
from assistant.home.simulator.station import Said, Station

_LOG = logging.getLogger(__name__)

_PAUSE_S = 0.5
_KEEPALIVE_S = 60
_CALLS_AT_ONCE = 50
_FILTERS_PER_PACKET = 64

OnMessage = Callable[["Client", str, str], None]


class Client:
    """A station's connection to the broker; comes back by itself."""

    def __init__(
        self,
        station: Station,
        settings: MqttSettings,
        on_message: OnMessage,
        nonsense: Iterable[Said] = (),
    ) -> None:
        """`nonsense` is said once, after the first greeting.

        Raises `BrokerError` for certificates that cannot be read.
        """
        self.station = station
        self.announced = asyncio.Event()
        """Set once the broker has the greeting."""
        self._settings, self._tls = settings, tls_context(settings)
        self._on_message = on_message
        self._nonsense = tuple(nonsense)
        self._exact = frozenset(f for f in station.filters if not f.endswith("/+"))
        self._wild = frozenset(f.removesuffix("+") for f in station.filters if f.endswith("/+"))
        self._client: aiomqtt.Client | None = None
        self._task: asyncio.Task[None] | None = None
        self._here = asyncio.Event()
        self._here.set()

    def start(self) -> None:
        """Connect in the background."""
        self._task = asyncio.create_task(self._run(), name="simulated devices")

    async def stop(self) -> None:
        """Say farewell and disconnect; idempotent."""
        task, self._task = self._task, None
        if task is not None:
            await self.say(self.station.farewell())
            await end([task])

    async def say(self, messages: Iterable[Said]) -> None:
        """Publish in this order; lost without a connection, as with real devices."""
        client = self._client
        if client is None:
            return
        with contextlib.suppress(aiomqtt.MqttError):
            await asyncio.gather(*(self._publish(client, message) for message in messages))

    async def _publish(self, client: aiomqtt.Client, said: Said) -> None:
        await client.publish(said.topic, said.payload, qos=1, retain=said.retain)

    def vanish(self) -> None:
        """Break the connection without a word, and stay away until `come_back`."""
        self._here.clear()
        connection = self._client._client.socket() if self._client is not None else None
        self._client = None
        if isinstance(connection, socket.socket):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def come_back(self) -> None:
        """Connect again after `vanish`."""
        self._here.set()

    async def _run(self) -> None:
        while True:
            await self._here.wait()
            with contextlib.suppress(aiomqtt.MqttError):
                async with self._new_client() as client:
                    await self._live(client)
            self._client = None
            await asyncio.sleep(_PAUSE_S)

    def _new_client(self) -> aiomqtt.Client:
        settings, will = self._settings, self.station.will
        client = aiomqtt.Client(
            settings.host,
            settings.port,
            username=settings.username or None,
            password=settings.password or None,
            transport=settings.transport,
            websocket_path=settings.websocket_path,
            tls_context=self._tls,
            socket_options=(NO_DELAY,) if settings.transport == "tcp" else (),
            keepalive=_KEEPALIVE_S,
            will=None if will is None else aiomqtt.Will(will.topic, will.payload, 1, will.retain),
            max_concurrent_outgoing_calls=_CALLS_AT_ONCE,
            max_inflight_messages=_CALLS_AT_ONCE,
        )
        client.pending_calls_threshold = 100_000
        return client

    async def _live(self, client: aiomqtt.Client) -> None:
        filters = [(topic_filter, 1) for topic_filter in self.station.filters]
        for start in range(0, len(filters), _FILTERS_PER_PACKET):
            await client.subscribe(filters[start : start + _FILTERS_PER_PACKET])
        self._client = client
        listening = asyncio.create_task(self._listen(client))
        try:
            await self.say(self.station.greeting())
            nonsense, self._nonsense = self._nonsense, ()
            await self.say(nonsense)
            self.announced.set()
            await listening
        finally:
            await end([listening])

    async def _listen(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            topic = message.topic.value
            level = f"{topic.rpartition('/')[0]}/"
            if message.retain or not (topic in self._exact or level in self._wild):
                continue
            if isinstance(message.payload, bytes | bytearray):
                text = bytes(message.payload).decode("utf-8", "replace")
                try:
                    self._on_message(self, topic, text)
                except Exception:  # the supervisor of one message: a device must stay alive
                    _LOG.exception("a simulated device stumbled over a message")
