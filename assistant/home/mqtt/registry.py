"""Which devices have announced themselves, on which topics they live, and what comes in there."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace

from assistant.home.model import Area, Home
from assistant.home.mqtt.dialect import AnnouncementError, Binding, Dialect, GarbageError
from assistant.home.mqtt.topics import matches

_LOG = logging.getLogger(__name__)
_LONGEST_SHOWN = 80
_MAX_STATE = 262_144


class Registry:
    """Keeps the home in step with announcements and state messages."""

    def __init__(self, home: Home, dialects: Sequence[Dialect]) -> None:
        self._home = home
        self._dialects = dialects
        self._bindings: dict[str, Binding] = {}
        self._sources: dict[str, tuple[str, ...]] = {}
        """Device ids by announcement topic."""
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
        """Topics on which known devices speak."""
        return self._listeners.keys()

    def receive(self, topic: str, payload: bytes) -> Sequence[str]:
        """Take in a message; returns topics that have to be subscribed to now."""
        wanted: list[str] = []
        for dialect in self._dialects:
            if any(matches(pattern, topic) for pattern in dialect.announcements):
                wanted += self._announced(dialect, topic, payload)
        for binding in tuple(self._listeners.get(topic, {}).values()):
            self._state(binding, topic, payload)
        return wanted

    def _announced(self, dialect: Dialect, topic: str, payload: bytes) -> Sequence[str]:
        try:
            bindings = dialect.read_announcement(topic, payload)
        except AnnouncementError as error:
            self._complain(topic, f"announcement on {_shown(topic)} ignored: {error}")
            return ()
        self._complaints.pop(topic, None)
        bindings = [self._distinct(binding, topic) for binding in bindings]
        ids = tuple(binding.device.id for binding in bindings)
        for device_id in self._sources.pop(topic, ()):
            self._unbind(device_id)
            if device_id not in ids:
                self._home.remove(device_id)
                self._available.pop(device_id, None)
                _LOG.info("device %s is gone", _shown(device_id))
        if not bindings:
            return ()
        self._sources[topic] = ids
        wanted: list[str] = []
        for binding in bindings:
            wanted += self._bind(binding)
        return wanted

    def _distinct(self, binding: Binding, topic: str) -> Binding:
        """Give a device another id if a device announced elsewhere has it already."""
        device = binding.device
        if device.id not in self._bindings or device.id in self._sources.get(topic, ()):
            return binding
        other = f"{device.type}_{device.id}"
        self._complain(
            topic, f"{_shown(topic)}: the id {_shown(device.id)} is taken; it is called {other}"
        )
        return replace(binding, device=replace(device, id=other))

    def _bind(self, binding: Binding) -> list[str]:
        area = self._area(binding.area_name)
        device = replace(binding.device, area=area)
        binding = replace(binding, device=device)
        new = device.id not in self._home.devices
        self._bindings[device.id] = binding
        self._home.put(device)
        topics = [*binding.readers, *binding.availability.topics]
        for topic in topics:
            self._listeners.setdefault(topic, {})[device.id] = binding
        if new:
            _LOG.debug("device %s announced: %s", _shown(device.id), _shown(device.name))
        return topics

    def _unbind(self, device_id: str) -> None:
        binding = self._bindings.pop(device_id, None)
        if binding is None:
            return
        for topic in (*binding.readers, *binding.availability.topics):
            listeners = self._listeners.get(topic, {})
            listeners.pop(device_id, None)
            if not listeners:
                self._listeners.pop(topic, None)

    def _area(self, name: str) -> str | None:
        if not name:
            return None
        area = self._home.area_named(name)
        if area is None:
            identifier = "".join(c if c.isalnum() else "_" for c in name.casefold()).strip("_")
            area = Area(identifier or name, name)
            self._home.put_area(area)
        return area.id

    def _state(self, binding: Binding, topic: str, payload: bytes) -> None:
        device_id = binding.device.id
        try:
            if len(payload) > _MAX_STATE:
                raise GarbageError(f"longer than {_MAX_STATE} bytes")
            text = _decoded(payload)
            self._availability(binding, topic, text)
            readers = binding.readers.get(topic, ())
            changes = [reader(text) for reader in readers]
        except GarbageError as error:
            self._complain(device_id, f"message of {_shown(device_id)} ignored: {error}")
            return
        self._complaints.pop(device_id, None)
        merged = {key: value for change in changes for key, value in change.items()}
        if merged:
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
