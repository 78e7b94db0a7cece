"""Tasmota, spoken to in its own way."""

from assistant.home.mqtt.tasmota.discovery import TasmotaDialect

__all__ = ["TasmotaDialect"]
