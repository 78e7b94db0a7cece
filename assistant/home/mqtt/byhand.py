"""Devices written down by hand: an `mqtt` mapping of the home file, read like an announcement.

Its keys are those of Home Assistant's MQTT discovery for the component, in full or abbreviated
(https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery).
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from assistant.errors import HomeFileError
from assistant.home.devices import Device
from assistant.home.mqtt.dialect import AnnouncementError, Binding
from assistant.home.mqtt.homeassistant.config import expand
from assistant.home.mqtt.homeassistant.discovery import bind, components


def bind_by_hand(device: Device, mqtt: Mapping[str, Any], where: str) -> Binding:
    """The device on the topics that `mqtt` names; what it can do is read from there.

    Raises `HomeFileError` for what makes no sense; `where` begins its sentence.
    """
    if device.type not in components():
        known = ", ".join(sorted(components()))
        raise HomeFileError(
            f'{where}: a device of type "{device.type}" cannot be reached by MQTT; these can: '
            f"{known}."
        )
    document = _Asked({"device_class": device.device_class, **expand(mqtt)})
    document["unique_id"] = device.id
    try:
        binding = bind(device.type, device.id, document)
    except AnnouncementError as error:
        raise HomeFileError(f"{where}.mqtt: {error}.{document.mistaken()}") from error
    if mistake := document.mistaken():
        raise HomeFileError(f"{where}.mqtt:{mistake}")
    described = replace(device, features=binding.device.features)
    return replace(binding, device=described, area_name="")


class _Asked(dict[str, Any]):
    """A document that remembers which keys were asked for, so that a misspelt one is noticed."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        super().__init__(document)
        self._asked: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self._asked.add(key)
        return super().get(key, default)

    def __getitem__(self, key: str) -> Any:
        self._asked.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self._asked.add(str(key))
        return super().__contains__(key)

    def mistaken(self) -> str:
        """A sentence on a key that is nearly one that was asked for in vain; else nothing."""
        for key in self.keys() - self._asked:
            near = difflib.get_close_matches(key, self._asked - self.keys(), n=1, cutoff=0.8)
            if near:
                return f' There is no key "{key}"; did you mean "{near[0]}"?'
        return ""
