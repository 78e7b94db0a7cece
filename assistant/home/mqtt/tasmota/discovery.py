"""Tasmota's own announcements (tasmota.github.io/docs/MQTT, option 19 off).

`tasmota/discovery/<mac>/config` tells relays, lights, shutters and inputs, `…/sensors` what is
measured. Read as the Home Assistant integration's library (hatasmota) reads them.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assistant.home.mqtt.announcement import parse_announcement
from assistant.home.mqtt.dialect import AnnouncementError, Binding, Message
from assistant.home.mqtt.tasmota.config import TasmotaConfig, read_config
from assistant.home.mqtt.tasmota.inputs import inputs
from assistant.home.mqtt.tasmota.messages import bind_part, question
from assistant.home.mqtt.tasmota.outputs import outputs
from assistant.home.mqtt.tasmota.sensors import sensors

MAX_DOCUMENT = 262_144
"""Longest announcement read, in bytes."""

_LOG = logging.getLogger(__name__)
_MAC = re.compile(r"[0-9A-F]{12}")


@dataclass(slots=True)
class _Halves:
    """The two halves of an announcement."""

    config: TasmotaConfig | None = None
    sensors: Mapping[str, Any] | None = None


class TasmotaDialect:
    """Tasmota's discovery."""

    def __init__(self) -> None:
        self._halves: dict[str, _Halves] = {}

    @property
    def announcements(self) -> Sequence[str]:
        """A device's configuration and its sensors."""
        return ("tasmota/discovery/+/config", "tasmota/discovery/+/sensors")

    def source(self, topic: str) -> str:
        """Configuration and sensors are of one device."""
        return topic.rpartition("/")[0]

    def read_announcement(self, topic: str, payload: bytes) -> Sequence[Binding]:
        """All that a device is, as far as it is told. Raises `AnnouncementError`."""
        _, _, mac, half = topic.split("/")
        if not _MAC.fullmatch(mac):
            raise AnnouncementError(f"{mac[:60]!r} is not a MAC address")
        document = parse_announcement(payload, MAX_DOCUMENT) if payload.strip() else None
        if document is not None and not isinstance(document, dict):
            raise AnnouncementError("expected a JSON object")
        now = self._halves.get(mac, _Halves())
        if half == "sensors":
            now = _Halves(now.config, document)
        else:
            now = _Halves(read_config(mac, document) if document is not None else None, now.sensors)
        bindings = [] if now.config is None else list(_bindings(now.config, now.sensors))
        if now.config is None and now.sensors is None:
            self._halves.pop(mac, None)
        else:
            self._halves[mac] = now
        return bindings

    def questions(self, topic: str, payload: bytes) -> Sequence[Message]:
        """Nothing: the announcement says it all."""
        return ()


def _bindings(config: TasmotaConfig, told: Mapping[str, Any] | None) -> Iterator[Binding]:
    """Every part of the device; each question is asked for one of them."""
    asked: set[Message] = set()
    measured = sensors(config, told) if told is not None else ()
    for part in (*outputs(config), *inputs(config), *measured):
        try:
            binding = bind_part(config, part)
        except AnnouncementError as error:
            _LOG.warning("Tasmota: %.60r of %.60r ignored: %s", part.suffix, config.name, error)
            continue
        wanted = question(config, part) if binding.readers and part.component != "event" else None
        if wanted is not None and wanted not in asked:
            asked.add(wanted)
            binding = replace(binding, questions=(wanted,))
        yield binding
