"""MQTT: the connection, one file per dialect, and the embedded broker."""
