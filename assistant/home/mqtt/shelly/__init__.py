"""Shelly's second and later generations, spoken to by RPC over MQTT."""

from assistant.home.mqtt.shelly.dialect import ShellyDialect

__all__ = ["ShellyDialect"]
