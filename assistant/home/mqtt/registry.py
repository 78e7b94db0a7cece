"""Which devices have announced themselves, on which topics they live, and what comes in there."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from assistant.home.model import Home
from assistant.home.mqtt.dialect import (
    AnnouncementError,
    Binding,
    Dialect,
    GarbageError,
    Message,
    RefusedByDeviceError,
)
from assistant.home.mqtt.kept import KeptAnnouncements
from assistant.home.mqtt.listening import Listener, Nobody
from assistant.home.mqtt.offers import Claims, Offer
from assistant.home.mqtt.topics import matches

_LOG = logging.getLogger(__name__)
_LONGEST_SHOWN = 80
_MAX_STATE = 262_144
_LONG = 16_384
"""Announcements beyond so many bytes are read in a thread of their own."""
_AT_ONCE_S = 0.002
"""How long the event loop may be kept from others."""
_MOST_TOPICS = 20_000
_Announced = tuple[Sequence[Binding], Sequence[Message]]
"""The devices of an announcement, and what it leaves open."""


class Registry:
    """Keeps the home in step with announcements and state messages.

    Announcements on topics for which `ignored` holds are not read.
    """

    def __init__(
        self,
        home: Home,
        dialects: Sequence[Dialect],
        ignored: Callable[[str], bool] = lambda topic: False,
        listener: Listener | None = None,
    ) -> None:
        self._home = home
        self._dialects = dialects
        self._listener = listener or Nobody()
        self._ignored = ignored
        self._locks = [threading.Lock() for _ in dialects]
        """A dialect reads one announcement at a time, even where nobody waits for it any more."""
        self._ranks: dict[str, tuple[int, ...]] = {}
        """Dialects that a topic announces to, for topics seen before."""
        self._kept = KeptAnnouncements()
        self.version = 0
        """Grows whenever a device is bound or unbound."""
        self._bindings: dict[str, Binding] = {}
        self._offers: dict[str, dict[str, Offer]] = {}
        """What is announced, seen or not, by source and device id."""
        self._claims = Claims()
        self._bound: dict[str, Offer] = {}
        """What is seen of it, by device id."""
        self._listeners: dict[str, dict[str, Binding]] = {}
        """Bindings by state or availability topic, then by device id."""
        self._available: dict[str, dict[str, bool]] = {}
        """What each availability topic of a device last said."""
        self._complaints: dict[str, str] = {}

    def binding(self, device_id: str) -> Binding | None:
        """The topics of a device, or None where it has not announced itself."""
        return self._bindings.get(device_id)

    @property
    def announcements(self) -> Iterable[str]:
        """Topic filters to subscribe to before anything is known."""
        return [pattern for dialect in self._dialects for pattern in dialect.announcements]

    @property
    def topics(self) -> Iterable[str]:
        """Topics on which known devices speak, beside those on which they announce themselves."""
        return [
            topic
            for topic, bindings in self._listeners.items()
            if not all(self._hears(self._bound[one].rank, topic) for one in bindings)
        ]

    @property
    def bindings(self) -> Iterator[tuple[int, Binding]]:
        """All devices that are seen, with the rank of their dialect."""
        for offer in tuple(self._bound.values()):
            yield offer.rank, offer.binding

    def receive(self, topic: str, payload: bytes) -> Sequence[str]:
        """Take in a message; returns topics that have to be subscribed to now."""
        wanted: list[str] = []
        if self._ignored(topic):
            return wanted
        for rank in self._announces(topic):
            read = self._read(rank, topic, payload)
            for topics in self._announced(rank, topic, read):
                wanted += topics
        self._stated(topic, payload)
        return wanted

    async def take(self, topic: str, payload: bytes, *, kept: bool) -> Sequence[str]:
        """The same, giving way to others when it takes long.

        What the broker has `kept` and sends again after a reconnection is read only if it changed.
        """
        wanted: list[str] = []
        if self._ignored(topic):
            return wanted
        loop = asyncio.get_running_loop()
        for rank in self._announces(topic):
            if self._kept.came((rank, topic), payload, kept=kept):
                continue
            until = loop.time() + _AT_ONCE_S
            if len(payload) > _LONG:
                read = await asyncio.to_thread(self._read, rank, topic, payload)
            else:
                read = self._read(rank, topic, payload)
            for topics in self._announced(rank, topic, read):
                wanted += topics
                if loop.time() >= until:
                    await asyncio.sleep(0)
                    until = loop.time() + _AT_ONCE_S
            if isinstance(read, AnnouncementError):
                continue
            self._kept.read((rank, topic), payload)
        self._stated(topic, payload)
        return wanted

    def connected(self) -> None:
        """A new connection is there, in which the broker sends again what it has kept."""
        self._kept.connected()

    def sweep(self) -> None:
        """Let go of devices whose announcement the broker no longer keeps.

        To be called when all that it has kept has come.
        """
        for rank, topic in self._kept.missing():
            self._kept.came((rank, topic), b"", kept=False)
            for _ in self._announced(rank, topic, self._read(rank, topic, b"")):
                continue

    def _stated(self, topic: str, payload: bytes) -> None:
        for binding in tuple(self._listeners.get(topic, {}).values()):
            self._state(binding, topic, payload)

    def _announces(self, topic: str) -> tuple[int, ...]:
        ranks = self._ranks.get(topic)
        if ranks is None:
            ranks = tuple(
                rank
                for rank, dialect in enumerate(self._dialects)
                if any(matches(pattern, topic) for pattern in dialect.announcements)
            )
            if len(self._ranks) >= _MOST_TOPICS:
                self._ranks.clear()
            self._ranks[topic] = ranks
        return ranks

    def _announced(
        self, rank: int, topic: str, read: _Announced | AnnouncementError
    ) -> Iterator[Sequence[str]]:
        if isinstance(read, AnnouncementError):
            self._complain(topic, f"announcement on {_shown(topic)} ignored: {read}")
            return
        bindings, questions = read
        self._complaints.pop(topic, None)
        yield from self._offered(rank, self._dialects[rank].source(topic), bindings)
        if questions:
            self._listener.asked(rank, questions)

    def _read(self, rank: int, topic: str, payload: bytes) -> _Announced | AnnouncementError:
        dialect = self._dialects[rank]
        with self._locks[rank]:
            try:
                bindings = dialect.read_announcement(topic, payload)
            except AnnouncementError as error:
                return error
            return bindings, dialect.questions(topic, payload)

    def offer(self, rank: int, source: str, bindings: Sequence[Binding]) -> Sequence[str]:
        """Let `source` have announced these devices and no others.

        Of the same device announced with several ranks, the lowest is taken. Returns topics that
        have to be subscribed to now.
        """
        return [topic for topics in self._offered(rank, source, bindings) for topic in topics]

    def _offered(
        self, rank: int, source: str, bindings: Sequence[Binding]
    ) -> Iterator[Sequence[str]]:
        """Do so step by step: whoever goes through may let others have a turn in between."""
        before = self._offers.pop(source, {})
        after = {}
        for binding in bindings:
            offer = Offer(rank, source, self._distinct(binding, rank, source))
            after[offer.id] = offer
        if after:
            self._offers[source] = after
        for offer in before.values():
            self._claims.drop(offer)
        for offer in after.values():
            self._claims.put(offer)
        yield ()
        yield from self._settle(before.values(), after.values())

    def _settle(
        self, before: Collection[Offer], after: Collection[Offer]
    ) -> Iterator[Sequence[str]]:
        """Bind what is to be seen now, and drop what is not, with topics to subscribe to."""
        changed = [*before, *after]
        others: dict[tuple[str, str], Offer] = {}
        for offer in changed:
            others |= self._claims.rivals(offer)
        touched = dict.fromkeys((*changed, *others.values()))
        shown = [one for offer in touched if (one := self._bound.get(offer.id)) in touched and one]
        yield ()
        candidates = (*after, *others.values())
        staying = {offer.id for offer in candidates if self._claims.visible(offer)}
        for old in shown:
            if old.id not in staying:
                self._bound.pop(old.id, None)
                self._unbind(old.id)
        yield ()
        for offer in candidates:
            if self._claims.visible(offer):
                yield self._show(offer)
            else:
                self._regroup(offer)
        for old in shown:
            if old.id not in self._bound and old.id in self._home.devices:
                self._home.remove(old.id)
                self._available.pop(old.id, None)
                _LOG.info("device %s is gone", _shown(old.id))

    def _show(self, offer: Offer) -> Sequence[str]:
        """Let an offer be what is seen of its device."""
        shown = self._bound.get(offer.id)
        if shown is offer:
            return ()
        self._bound[offer.id] = offer
        if shown is not None and shown.binding is offer.binding:
            return ()
        return self._bind(offer)

    def _regroup(self, offer: Offer) -> None:
        """Learn from an offer that is not seen who is in a group that another announces."""
        shown = self._bound.get(offer.id)
        if shown is not None and offer.binding.device.members and offer is not shown:
            self._home.put(self._claims.device(shown), shown.binding.area_name)

    def _distinct(self, binding: Binding, rank: int, source: str) -> Binding:
        """Give a device another id if one of the same dialect announced elsewhere has it."""
        device = binding.device
        if not any(
            other.rank == rank and other.source != source for other in self._claims.of_id(device.id)
        ):
            return binding
        other = f"{device.type}_{device.id}"
        self._complain(
            source, f"{_shown(source)}: the id {_shown(device.id)} is taken; it is called {other}"
        )
        return replace(binding, device=replace(device, id=other))

    def _bind(self, offer: Offer) -> list[str]:
        binding = offer.binding
        device = binding.device
        new = device.id not in self._home.devices
        self._unbind(device.id)
        self._bindings[device.id] = binding
        self.version += 1
        self._home.put(self._claims.device(offer), binding.area_name)
        topics = [*binding.readers, *binding.availability.topics]
        for topic in topics:
            self._listeners.setdefault(topic, {})[device.id] = binding
        if new:
            _LOG.debug("device %s announced: %s", _shown(device.id), _shown(device.name))
        self._listener.bound(offer.rank, binding)
        return [topic for topic in topics if not self._hears(offer.rank, topic)]

    def _hears(self, rank: int, topic: str) -> bool:
        """Whether a dialect's announcements come on `topic`.

        Subscribed to once more, brokers may deliver each message twice, and kept ones anew.
        """
        patterns = self._dialects[rank].announcements if rank >= 0 else ()
        return any(matches(pattern, topic) for pattern in patterns)

    def _unbind(self, device_id: str) -> None:
        binding = self._bindings.pop(device_id, None)
        if binding is None:
            return
        self.version += 1
        self._listener.unbound(binding)
        for topic in (*binding.readers, *binding.availability.topics):
            listeners = self._listeners.get(topic, {})
            listeners.pop(device_id, None)
            if not listeners:
                self._listeners.pop(topic, None)

    def _state(self, binding: Binding, topic: str, payload: bytes) -> None:
        device_id = binding.device.id
        try:
            if len(payload) > _MAX_STATE:
                raise GarbageError(f"longer than {_MAX_STATE} bytes")
            text = _decoded(payload)
            self._availability(binding, topic, text)
            readers = binding.readers.get(topic, ())
            changes = [reader(text) for reader in readers]
        except RefusedByDeviceError as error:
            self._complain(device_id, f"{_shown(device_id)} refuses: {error}")
            self._listener.refused(binding, str(error))
            return
        except GarbageError as error:
            self._complain(device_id, f"message of {_shown(device_id)} ignored: {error}")
            return
        self._complaints.pop(device_id, None)
        merged = {key: value for change in changes for key, value in change.items()}
        if merged:
            self._listener.told(binding, merged.keys())
            self._home.update_state(device_id, merged)

    def _availability(self, binding: Binding, topic: str, text: str) -> None:
        meaning = binding.availability.topics.get(topic)
        said = meaning(text) if meaning is not None else None
        if said is None:
            return
        device_id = binding.device.id
        known = self._available.setdefault(device_id, {})
        known[topic] = said
        match binding.availability.mode:
            case "all":
                available = all(known.values())
            case "any":
                available = any(known.values())
            case _:
                available = said
        if available != self._home.available(device_id):
            self._home.set_available(device_id, available)

    def _complain(self, about: str, sentence: str) -> None:
        """Log a fault, but not the same one over and over."""
        if self._complaints.get(about) != sentence:
            self._complaints[about] = sentence
            _LOG.warning("MQTT: %s", _shown(sentence, 300))


def _decoded(payload: bytes) -> str:
    try:
        return payload.decode("utf-8")
    except UnicodeDecodeError as error:
        raise GarbageError("expected UTF-8 text") from error


def _shown(text: str, longest: int = _LONGEST_SHOWN) -> str:
    """Text from the network, fit for one line of the log."""
    printable = "".join(c if c.isprintable() else "?" for c in text[: longest + 1])
    return printable if len(printable) <= longest else printable[:longest] + "…"
