"""The dialect of Home Assistant's MQTT discovery (home-assistant.io/integrations/mqtt).

docs/mqtt-devices.md says which components and options are understood.
"""

from assistant.home.mqtt.homeassistant.discovery import HomeAssistantDialect

__all__ = ["HomeAssistantDialect"]
