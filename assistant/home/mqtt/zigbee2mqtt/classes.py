"""What the names of exposed properties mean, as far as they are used alike by all devices.

Names: zigbee2mqtt.io/guide/usage/exposes.html and the device pages there. Classes:
home-assistant.io/integrations/binary_sensor, …/sensor.
"""

from __future__ import annotations

BINARY_CLASSES = {
    "alarm": "problem", "battery_low": "battery", "carbon_monoxide": "carbon_monoxide",
    "carbon_monoxide_alarm": "carbon_monoxide", "charging": "battery_charging",
    "consumer_connected": "plug", "contact": "door", "garage_door_contact": "garage_door",
    "gas": "gas", "gas_alarm": "gas", "moving": "moving", "noise_detected": "sound",
    "occupancy": "motion", "motion": "motion", "motion_state": "motion", "presence": "occupancy",
    "people": "occupancy", "rain": "moisture", "running": "running", "smoke": "smoke",
    "smoke_alarm": "smoke", "sos": "safety", "tamper": "tamper", "valve_alarm": "problem",
    "vibration": "vibration", "water_leak": "moisture", "window": "window", "window_open": "window",
    "opening": "opening", "power_alarm": "problem", "fault": "problem", "problem": "problem",
    "overload_alarm": "problem", "trouble": "problem",
}  # fmt: skip

NUMERIC_CLASSES = {
    "ac_frequency": "frequency", "aqi": "aqi", "battery": "battery", "battery_voltage": "voltage",
    "co": "carbon_monoxide", "co2": "carbon_dioxide", "current": "current",
    "device_temperature": "temperature", "distance": "distance", "eco2": "carbon_dioxide",
    "energy": "energy", "humidity": "humidity", "illuminance": "illuminance",
    "illuminance_lux": "illuminance", "local_temperature": "temperature",
    "noise": "sound_pressure", "pm1": "pm1", "pm10": "pm10", "pm25": "pm25", "power": "power",
    "power_apparent": "apparent_power", "power_factor": "power_factor",
    "power_reactive": "reactive_power", "precipitation": "precipitation",
    "pressure": "pressure", "soil_moisture": "moisture", "target_distance": "distance",
    "temperature": "temperature", "voc": "volatile_organic_compounds", "voltage": "voltage",
    "water_consumed": "water", "wind_speed": "wind_speed",
}  # fmt: skip

UNIT_CLASSES = {"Wh": "energy", "kWh": "energy"}
"""Energy goes by many names, but has only these units."""

TECHNICAL = frozenset({
    "ac_frequency", "action_angle", "action_duration", "action_group", "action_rate",
    "action_side", "action_transaction_id", "auto_lock", "auto_off", "auto_relock_time",
    "backlight_mode", "battery", "battery2", "battery_low", "battery_state", "battery_voltage",
    "button_lock", "calibration", "calibration_time", "child_lock", "color_power_on_behavior",
    "color_sync", "color_temp_startup", "current_phase_b", "current_phase_c",
    "deadzone_temperature", "detection_interval", "device_temperature", "do_not_disturb",
    "duration", "eco_temperature", "expose_pin", "flip_indicator_light",
    "frost_protection_temperature", "humidity_calibration", "identify",
    "illuminance_calibration", "indicator_mode", "invert_cover", "keypad_lockout", "last_seen",
    "led_disabled_night", "led_enable", "led_indication", "linkquality",
    "local_temperature_calibration", "max_temperature", "max_temperature_limit",
    "measurement_poll_interval", "min_temperature", "min_temperature_limit",
    "motion_sensitivity", "motor_direction", "motor_reversal", "motor_speed",
    "occupancy_sensitivity", "occupancy_timeout", "operation_mode", "overload_protection",
    "pi_cooling_demand", "pi_heating_demand", "power_factor", "power_on_behavior",
    "power_outage_count", "power_outage_memory", "presence_timeout",
    "programming_operation_mode", "reporting_time", "requested_brightness_level",
    "requested_brightness_percent", "reverse_direction", "sensitivity",
    "setpoint_change_source", "switch_type", "temperature_calibration", "temperature_scale",
    "temperature_sensor_select", "test", "transition", "trigger_count", "trigger_indicator",
    "unoccupied_cooling_setpoint", "unoccupied_heating_setpoint", "update_available",
    "valve_detection", "vibration_timeout", "voltage", "voltage_phase_b", "voltage_phase_c",
    "window_detection", "x_axis", "y_axis", "z_axis",
})  # fmt: skip
"""Settings and diagnoses, by whatever device; newer devices say so themselves (`category`)."""

SPEEDS = ("low", "medium", "high", "1", "2", "3", "4", "5", "6", "7", "8", "9")
"""Modes of a fan that are speeds, slowest first."""

MOVEMENTS = {
    **dict.fromkeys(("opening", "open", "forward", "up", "rising"), "opening"),
    **dict.fromkeys(
        ("closing", "close", "backward", "back", "reverse", "down", "declining"), "closing"
    ),
}
"""What the motor of a cover says it does; anything else is no movement."""

HVAC_MODES = ("off", "heat", "cool", "heat_cool", "auto", "dry", "fan_only")
