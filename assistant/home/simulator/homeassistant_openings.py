"""Covers, valves, locks and alarm panels in Home Assistant's discovery.

https://www.home-assistant.io/integrations/cover.mqtt/, …/valve.mqtt/, …/lock.mqtt/,
…/alarm_control_panel.mqtt/
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from assistant.home.devices import Device, State
from assistant.home.simulator.behaviour import NonsenseError, Wish
from assistant.home.simulator.homeassistant_form import Form, plain
from assistant.home.simulator.openings import ARM_VERBS
from assistant.home.simulator.wire import Hear, document_in, number_in, shows, verb, words
from assistant.types import SlotValue


def cover(device: Device) -> Form:
    """Words to open, close and stop; numbers for position and tilt."""
    orders = {"OPEN": Wish("open_cover"), "CLOSE": Wish("close_cover"), "STOP": Wish("stop_cover")}
    form = plain(words(orders), shows("cover"))
    if device.features.position:
        hear = verb("set_cover_position", "position", number_in)
        form.command("set_position_topic", "set_position", hear)
        form.state("position_topic", "position", shows("position"))
    if device.features.tilt:
        tilts = verb("set_cover_tilt_position", "tilt_position", number_in)
        form.command("tilt_command_topic", "set_tilt", tilts)
        form.state("tilt_status_topic", "tilt", shows("tilt"))
    return form


def valve(device: Device) -> Form:
    """Words, or numbers where it reports its position."""
    orders = words(
        {"OPEN": Wish("open_valve"), "CLOSE": Wish("close_valve"), "STOP": Wish("stop_valve")}
    )
    if not device.features.position:
        options = {"payload_open": "OPEN", "payload_close": "CLOSE", "payload_stop": "STOP"}
        return plain(orders, shows("cover"), options)

    def hear(payload: str) -> tuple[Wish, ...]:
        if payload == "STOP":
            return orders(payload)
        return (Wish("set_valve_position", {"position": number_in(payload)}),)

    def show(state: State) -> str:
        return json.dumps({"state": state.get("cover"), "position": state.get("position")})

    return plain(hear, show, {"reports_position": True, "payload_stop": "STOP"})


def lock(device: Device) -> Form:
    """Words; in a JSON object with the code where one is wanted."""
    orders = {"LOCK": Wish("lock"), "UNLOCK": Wish("unlock"), "OPEN": Wish("open")}
    form = plain(words(orders), shows("lock", upper=True), {"payload_open": "OPEN"})
    if device.features.code:
        form.options["code_format"] = r"^\d{4}$" if device.features.code == "number" else "^.+$"
        form.options["command_template"] = '{"action": "{{ value }}", "code": "{{ code }}"}'
        form.hears["set"] = _with_code(orders)
    return form


def alarm_panel(device: Device) -> Form:
    """Words in a JSON object with the code."""
    features = device.features
    ways = features.modes or ARM_VERBS[:3]
    orders = {way.upper(): Wish(f"alarm_{way}") for way in ways}
    orders |= {"DISARM": Wish("alarm_disarm"), "TRIGGER": Wish("alarm_trigger")}
    form = plain(words(orders), shows("alarm"), {"supported_features": [*ways, "trigger"]})
    form.options |= {
        "code_arm_required": any(f"alarm_{way}" in features.code_verbs for way in ways),
        "code_disarm_required": bool(features.code),
        "code_trigger_required": "alarm_trigger" in features.code_verbs,
    }
    if features.code:
        remote = {"number": "REMOTE_CODE", "text": "REMOTE_CODE_TEXT"}
        form.options["code"] = remote.get(features.code, "REMOTE_CODE_TEXT")
        form.options["command_template"] = '{"action": "{{ action }}", "code": "{{ code }}"}'
        form.hears["set"] = _with_code(orders)
    return form


def _with_code(orders: Mapping[str, Wish]) -> Hear:
    def hear(payload: str) -> tuple[Wish, ...]:
        body = document_in(payload)
        wish = orders.get(str(body.get("action")))
        if wish is None:
            raise NonsenseError(f"action must be one of {', '.join(orders)}")
        code = body.get("code")
        data: dict[str, SlotValue] = {} if code in (None, "None", "") else {"code": str(code)}
        return (Wish(wish.verb, data),)

    return hear
