"""Zigbee2MQTT, spoken to in its own way."""

from assistant.home.mqtt.zigbee2mqtt.networks import MAX_LIST, Zigbee2MqttDialect

__all__ = ["MAX_LIST", "Zigbee2MqttDialect"]
