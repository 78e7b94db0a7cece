"""The assistant as a device: announces itself, shows what it does, and does what it is told.

Topics and payloads are promised in docs/mqtt.md.
"""

from __future__ import annotations

import asyncio
import functools
import json
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from assistant.entrances import Attendant
from assistant.errors import AssistantError, BrokerError, StoreError
from assistant.events import Event, Stage
from assistant.home.mqtt.dialect import Message
from assistant.home.mqtt.own import INSTALLATION_ID, discovery_topic
from assistant.home.mqtt.pace import TokenBucket
from assistant.household import Household
from assistant.presence.announcement import announcement
from assistant.presence.commands import (
    read_mute,
    read_object,
    read_request,
    read_text,
    read_volume,
)
from assistant.presence.events import (
    State,
    announcement_of,
    is_by_mqtt,
    refused_event,
    ring_event,
    turn_event,
)
from assistant.schedule.requests import KINDS, carry_out
from assistant.schedule.schedule import Ring
from assistant.schedule.shown import MOST_SHOWN, shown
from assistant.tasks import Tasks
from assistant.turn_json import ring_to_json, turn_to_json
from assistant.types import Request, Turn

_LOG = logging.getLogger(__name__)
_INSTALLATION = "installation"
_WAITING = 200
"""Most messages that wait for the broker."""

_TALK = (6, 0.5)
"""Requests and texts: so many at once, and so many a second in the long run."""
_KNOBS = (20, 4.0)

_DOING = {
    Stage.HEARD: State.THINKING,
    Stage.SAYING: State.SPEAKING,
}
_TOLD = {Stage.HEARD: "request", Stage.SAYING: "speech"}
_OPENED = {
    "wake": State.LISTENING,
    "push": State.LISTENING,
    "question": State.ASKING,
}


class Presence:
    """Belongs to the event loop. `ask` answers a request and shows it to observers."""

    def __init__(
        self,
        household: Household,
        attendant: Attendant,
        ask: Callable[[Request], Awaitable[Turn]],
        tasks: Tasks,
    ) -> None:
        self._household = household
        self._attendant = attendant
        self._ask = ask
        self._tasks = tasks
        self._base = household.settings.mqtt.base_topic.strip("/")
        self._words = household.settings.mqtt.share_words
        self._waiting: asyncio.Queue[Message] = asyncio.Queue(_WAITING)
        self._shown: dict[str, str] = {}
        """What is kept by the broker, by topic."""
        self._doing: State | None = None
        """None: at rest."""
        self._question: Turn | None = None
        """The last turn, if it was a question."""
        self._installation = ""
        """What tells this installation from others; empty: it cannot announce itself."""

    async def start(self) -> None:
        """Announce the assistant, now and whenever the broker or Home Assistant comes back.

        To be called once the household has started.
        """
        bus = self._household.bus
        try:
            async with self._household.schedule.saved():
                installation = self._known_installation()
            self._installation = installation
        except StoreError as error:
            self._household.notice(f"It cannot announce itself by MQTT: {error}", logging.WARNING)
        talk, knobs = TokenBucket(*_TALK), TokenBucket(*_KNOBS)
        for name, allowance, obey in (
            ("ask", talk, self._asked),
            ("say", talk, lambda payload: self._attendant.say(read_text(payload))),
            ("listen", talk, lambda payload: self._attendant.open_microphone()),
            ("mute/set", knobs, lambda payload: self._attendant.mute(read_mute(payload))),
            ("volume/set", knobs, lambda payload: self._attendant.set_volume(read_volume(payload))),
            ("stop", None, lambda payload: self._attendant.stop_speaking()),
        ):
            bus.subscribe(f"{self._base}/{name}", self._obeying(name, allowance, obey))
        for kind in KINDS:
            told = functools.partial(self._schedule_told, kind)
            bus.subscribe(f"{self._base}/{kind}/set", self._obeying(f"{kind}/set", knobs, told))
        bus.subscribe(f"{self._prefix}/status", self._home_assistant_spoke)
        bus.subscribe(f"{self._base}/status", self._declared)
        bus.on_connection(self._connection_changed)
        self._household.observers.append(self.observe)
        self._household.schedule.on_change(self._schedule_changed)
        self._schedule_changed()
        self._show_knobs()
        self._tell_all()
        self._tasks.spawn(self._send(), "presence")

    async def stop(self) -> None:
        """Take back what a household that forgets itself has left with the broker."""
        if not self._installation or self._household.kept.lasting:
            return
        for topic in (discovery_topic(self._prefix, self._installation), *self._shown):
            try:
                await self._household.bus.publish(topic, b"", retain=True)
            except BrokerError as error:
                _LOG.info("%s", error)
                return

    # What it tells

    def observe(self, event: Event) -> None:
        """Show a stage or a finished turn."""
        if isinstance(event, Turn):
            self._turned(event)
            return
        match event.stage:
            case Stage.LISTENING:
                self._doing = _OPENED.get(event.text, self._doing)
            case Stage.HEARD | Stage.SAYING:
                self._doing = _DOING[event.stage]
            case Stage.IDLE:
                self._doing = None
            case _:
                pass
        if self._words and (name := _TOLD.get(event.stage)) is not None:
            self._tell(name, {"text": event.text})
        self._show_knobs()

    def on_ring(self, ring: Ring) -> None:
        """A timer or alarm is due."""
        told = self._ring_told(ring)
        self._tell("ring", told)
        self._tell("event", ring_event(ring, told))

    def on_quiet(self, ring: Ring) -> None:
        """A ring is over."""
        self._tell("event", ring_event(ring, None))

    def _ring_told(self, ring: Ring) -> dict[str, Any]:
        everywhere = self._household.settings.schedule.ring == "everywhere"
        replies = self._household.conversation().replies
        told = ring_to_json(ring, replies, everywhere=everywhere)
        return told if self._words else {**told, "name": "", "text": ""}

    def _turned(self, turn: Turn) -> None:
        words = self._words or is_by_mqtt(turn)
        if words:
            self._tell("reply", {**turn_to_json(turn), "conversation": turn.conversation})
            if turn.announcement:
                self._tell("announcement", announcement_of(turn))
        self._tell("event", turn_event(turn, words=words))
        self._question = turn if turn.question else None
        if turn.question:
            open_s = self._household.settings.safety.confirm_timeout_s
            asyncio.get_running_loop().call_later(open_s + 0.1, self._show_knobs)
        self._show_knobs()

    def _schedule_changed(self) -> None:
        schedule, now = self._household.schedule, self._household.clock.now()
        for kind in KINDS:
            told = shown(kind, schedule, now, words=self._words, most=MOST_SHOWN)
            self._show(kind, _json(told))
        ringing = [self._ring_told(ring) for ring in schedule.ringing()]
        self._show("ringing", _json({"count": len(ringing), "rings": ringing}))
        self._show_knobs()

    def _show_knobs(self) -> None:
        self._show("state", (self._doing or self._at_rest()).value)
        self._show("mute", "ON" if self._attendant.muted else "OFF")
        self._show("volume", str(self._attendant.volume))

    def _at_rest(self) -> State:
        if self._household.schedule.ringing():
            return State.RINGING
        asked = self._question
        if asked is not None:
            talk = self._household.conversation(asked.language)
            if talk.waits_for_answer(asked.conversation):
                return State.ASKING
        return State.MUTED if self._attendant.muted else State.IDLE

    def _tell(self, name: str, told: Mapping[str, Any]) -> None:
        """Publish once."""
        self._queue(Message(f"{self._base}/{name}", _json(told)))

    def _show(self, name: str, payload: str) -> None:
        """Have the broker keep `payload`, unless it does."""
        topic = f"{self._base}/{name}"
        if self._shown.get(topic) != payload:
            self._shown[topic] = payload
            self._queue(Message(topic, payload, retain=True))

    def _queue(self, message: Message) -> None:
        if self._waiting.full():
            self._waiting.get_nowait()
        self._waiting.put_nowait(message)

    async def _send(self) -> None:
        while True:
            message = await self._waiting.get()
            try:
                await self._household.bus.publish(
                    message.topic, message.payload, message.retain, message.qos
                )
            except BrokerError as error:
                _LOG.debug("not published: %s", error)

    # Announcing

    @property
    def _prefix(self) -> str:
        return self._household.settings.mqtt.discovery_prefix.strip("/")

    def _connection_changed(self, connected: bool) -> None:
        while not self._waiting.empty():
            self._waiting.get_nowait()
        if connected:
            self._tell_all()

    def _home_assistant_spoke(self, topic: str, payload: bytes) -> None:
        """Home Assistant's birth message: it may know nothing of what was said before."""
        del topic
        if payload == b"online":
            self._tell_all()

    def _declared(self, topic: str, payload: bytes) -> None:
        """Somebody says how we are: our last will of a connection before this one comes late."""
        if payload == b"offline":
            self._queue(Message(topic, "online", retain=True))

    def _tell_all(self) -> None:
        if self._installation:
            area = self._household.home.area_named(self._household.settings.area)
            room = area.name if area is not None else ""
            document = announcement(
                self._installation,
                self._base,
                name=f"Assistant {room}".strip(),
                area=room,
                share_words=self._words,
            )
            topic = discovery_topic(self._prefix, self._installation)
            self._queue(Message(topic, document, retain=True))
        for topic, payload in self._shown.items():
            self._queue(Message(topic, payload, retain=True))

    def _known_installation(self) -> str:
        """The id that is kept; made when first asked for. Raises `StoreError`."""
        kept = self._household.kept
        known = kept.get(_INSTALLATION) or ""
        if not INSTALLATION_ID.fullmatch(known):
            known = secrets.token_hex(6)
            kept.put(_INSTALLATION, known)
        return known

    # What it is told

    def _obeying(
        self, name: str, allowance: TokenBucket | None, obey: Callable[[bytes], None]
    ) -> Callable[[str, bytes], None]:
        """Obeys what comes on a topic, but no nonsense and no floods; muting is never too much."""
        flooded = False

        def told(topic: str, payload: bytes) -> None:
            nonlocal flooded
            mutes = name == "mute/set" and payload.strip().upper() == b"ON"
            bucket = None if mutes else allowance
            now_s = self._household.clock.monotonic()
            before, flooded = flooded, bucket is not None and bucket.wait_s(now_s) > 0
            if flooded:
                if not before:
                    _LOG.warning("too many messages on %s: they are ignored for a while", topic)
                    self._tell("event", refused_event(name, "too many messages: wait a while"))
                return
            if bucket is not None:
                bucket.take(now_s)
            self._tasks.spawn(self._obey(name, topic, lambda: obey(payload)), f"{name} by MQTT")

        return told

    async def _obey(self, name: str, topic: str, obey: Callable[[], None]) -> None:
        """Do it, and tell where that came to nothing; what is kept is on the disk then."""
        try:
            async with self._household.schedule.saved():
                obey()
        except AssistantError as error:
            _LOG.warning("what %s wants was not done: %s", topic, error)
            self._tell("event", refused_event(name, str(error)))
        self._repeat(name)

    def _repeat(self, name: str) -> None:
        """Show what is so now, to whoever believes that it was told otherwise."""
        knob, slash, _ = name.partition("/")
        if slash:
            self._shown.pop(f"{self._base}/{knob}", None)
        if knob in KINDS:
            self._schedule_changed()
        self._show_knobs()

    def _schedule_told(self, kind: str, payload: bytes) -> None:
        carry_out(self._household.schedule, kind, read_object(payload), self._household.area_id)

    def _asked(self, payload: bytes) -> None:
        self._tasks.spawn(self._answer(read_request(payload)), "request by MQTT")

    async def _answer(self, request: Request) -> None:
        try:
            await self._ask(request)
        except AssistantError as error:
            _LOG.warning("a request by MQTT was not understood: %s", error)
            told = {"text": request.text, "error": str(error)}
            self._tell("reply", {**told, "conversation": request.conversation})


def _json(told: Mapping[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False)
