"""Lights in their three schemas (home-assistant.io/integrations/light.mqtt)."""

from __future__ import annotations

from assistant.home.mqtt.dialect import AnnouncementError
from assistant.home.mqtt.homeassistant.config import Config
from assistant.home.mqtt.homeassistant.entity import Entity
from assistant.home.mqtt.homeassistant.light_basic import basic_light
from assistant.home.mqtt.homeassistant.light_json import json_light
from assistant.home.mqtt.homeassistant.light_template import template_light

_SCHEMAS = {
    "basic": basic_light,
    "default": basic_light,
    "json": json_light,
    "template": template_light,
}


def light(config: Config) -> Entity:
    """A light of whichever schema it says it has. Raises `AnnouncementError`."""
    schema = config.text("schema", "basic")
    if schema not in _SCHEMAS:
        raise AnnouncementError(f"the schema {schema[:60]!r} is none of basic, json, template")
    return _SCHEMAS[schema](config)
