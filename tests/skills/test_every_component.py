"""English requests to one of each component: what they mean and what is sent."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from full_home import full_home
from manual_clock import ManualClock

from assistant.home.commands.expectations import Plan
from assistant.home.commands.plan import plan
from assistant.skills.context import SkillContext
from assistant.skills.registry import handle_intent
from assistant.types import Action, ActionResult, Status
from assistant.understanding.understanding import Understanding

CASES: list[tuple[str, list[str]]] = [
    # light
    ("set the floor lamp to rainbow", ["light.turn_on lamp effect=Rainbow"]),
    ("start the color loop effect on the floor lamp", ["light.turn_on lamp effect=Color Loop"]),
    ("change the effect of the floor lamp to rainbow", ["light.turn_on lamp effect=Rainbow"]),
    # fan
    ("set the ceiling fan to sleep mode", ["fan.set_preset_mode fan preset_mode=sleep"]),
    ("switch the ceiling fan to turbo", ["fan.set_preset_mode fan preset_mode=turbo"]),
    ("oscillate the ceiling fan", ["fan.oscillate fan oscillating=True"]),
    ("turn on the oscillation of the ceiling fan", ["fan.oscillate fan oscillating=True"]),
    ("stop the ceiling fan from swinging", ["fan.oscillate fan oscillating=False"]),
    ("turn off the oscillation of the ceiling fan", ["fan.oscillate fan oscillating=False"]),
    ("reverse the ceiling fan", ["fan.set_direction fan direction=reverse"]),
    ("set the ceiling fan direction to forward", ["fan.set_direction fan direction=forward"]),
    ("set the ceiling fan to 40 percent", ["fan.set_percentage fan percentage=40"]),
    # cover and valve
    (
        "tilt the office blind to 30 percent",
        ["cover.set_cover_tilt_position blind tilt_position=30"],
    ),
    ("open the slats of the office blind", ["cover.open_cover_tilt blind"]),
    ("close the office blind slats", ["cover.close_cover_tilt blind"]),
    ("open the garden valve", ["valve.open_valve valve"]),
    ("open the valve in the garden", ["valve.open_valve valve"]),
    ("close the valve", ["valve.close_valve valve"]),
    ("turn off the garden tap", ["valve.close_valve valve"]),
    ("stop the garden valve", ["valve.stop_valve valve"]),
    # lock
    ("unlatch the front door", ["lock.open lock"]),
    ("open the latch of the front door", ["lock.open lock"]),
    ("unlock the front door", ["lock.unlock lock"]),
    # climate
    ("set the air conditioner to eco mode", ["climate.set_preset_mode ac preset_mode=eco"]),
    ("set the fan mode of the air conditioner to high", ["climate.set_fan_mode ac fan_mode=high"]),
    (
        "set the swing mode of the air conditioner to vertical",
        ["climate.set_swing_mode ac swing_mode=vertical"],
    ),
    (
        "keep the air conditioner between 19 and 23 degrees",
        ["climate.set_temperature ac target_temp_low=19 target_temp_high=23"],
    ),
    ("set the air conditioner to cool", ["climate.set_hvac_mode ac hvac_mode=cool"]),
    ("set the air conditioner to 22 degrees", ["climate.set_temperature ac temperature=22"]),
    # humidifier
    ("set the humidity in the bedroom to 55 percent", ["humidifier.set_humidity dry humidity=55"]),
    ("set the humidifier to 60 percent", ["humidifier.set_humidity dry humidity=60"]),
    ("set the humidifier to sleep mode", ["humidifier.set_mode dry mode=sleep"]),
    ("turn off the humidifier", ["humidifier.turn_off dry"]),
    # water heater
    ("set the boiler to 55 degrees", ["water_heater.set_temperature boiler temperature=55"]),
    ("set the hot water to 45 degrees", ["water_heater.set_temperature boiler temperature=45"]),
    (
        "switch the boiler to performance mode",
        ["water_heater.set_operation_mode boiler operation_mode=performance"],
    ),
    ("turn off the water heater", ["water_heater.turn_off boiler"]),
    # media player
    ("switch the TV to HDMI 1", ["media_player.select_source tv source=HDMI 1"]),
    ("change the source of the TV to netflix", ["media_player.select_source tv source=Netflix"]),
    ("play radio one on the TV", ["media_player.select_source tv source=Radio One"]),
    ("stop playing on the TV", ["media_player.media_stop tv"]),
    ("stop playing", ["media_player.media_stop tv"]),
    # siren
    ("sound the siren at 50 percent volume", ["siren.turn_on siren volume_pct=50"]),
    # vacuum and mower
    ("pause rosie", ["vacuum.pause robot"]),
    ("pause the vacuum", ["vacuum.pause robot"]),
    ("find the robot vacuum", ["vacuum.locate robot"]),
    ("where is rosie", ["vacuum.locate robot"]),
    ("do a spot clean", ["vacuum.clean_spot robot"]),
    ("set rosie to max suction", ["vacuum.set_fan_speed robot fan_speed=max"]),
    ("send rosie home", ["vacuum.return_to_base robot"]),
    ("mow the lawn", ["lawn_mower.start_mowing mower"]),
    ("pause the lawn mower", ["lawn_mower.pause mower"]),
    ("send shaun home", ["lawn_mower.dock mower"]),
    ("dock the mower", ["lawn_mower.dock mower"]),
    # siren and alarm panel
    ("sound the hall siren", ["siren.turn_on siren"]),
    (
        "sound the hall siren with the bell tone for 5 seconds",
        ["siren.turn_on siren tone=bell duration=5"],
    ),
    ("turn off the hall siren", ["siren.turn_off siren"]),
    ("silence the siren", ["siren.turn_off siren"]),
    ("turn the siren on for ten seconds", ["siren.turn_on siren duration=10"]),
    ("make the boiler hotter", ["water_heater.set_temperature boiler temperature=55"]),
    ("set the water temperature to 45", ["water_heater.set_temperature boiler temperature=45"]),
    ("arm the alarm away", ["alarm_control_panel.alarm_arm_away alarm"]),
    ("arm the alarm", ["alarm_control_panel.alarm_arm_away alarm"]),
    ("arm the house alarm for the night", ["alarm_control_panel.alarm_arm_night alarm"]),
    ("set the alarm system to home mode", ["alarm_control_panel.alarm_arm_home alarm"]),
    ("disarm the alarm", ["alarm_control_panel.alarm_disarm alarm"]),
    ("disarm the house alarm", ["alarm_control_panel.alarm_disarm alarm"]),
    ("turn off the house alarm", ["alarm_control_panel.alarm_disarm alarm"]),
    # button, scene, select, number, text
    ("press the doorbell chime", ["button.press bell"]),
    ("activate movie time", ["scene.turn_on movie"]),
    ("set the dishwasher program to eco 50", ["select.select_option program option=Eco 50"]),
    (
        "choose quick wash for the dishwasher program",
        ["select.select_option program option=quick_wash"],
    ),
    ("set the heating offset to 2.5", ["number.set_value offset value=2.5"]),
    ("set the heating offset to minus two", ["number.set_value offset value=-2"]),
    ("set the door sign to back soon", ["text.set_value sign value=back soon"]),
    ("write back at five on the door sign", ["text.set_value sign value=back at five"]),
    # everything of a kind
    ("turn on everything in the kitchen", ["light.turn_on strip"]),
    ("turn everything on in the living room", ["light.turn_on lamp"]),
    ("turn off everything in the kitchen", ["light.turn_off strip", "switch.turn_off plug"]),
    ("everything in the kitchen off", ["light.turn_off strip", "switch.turn_off plug"]),
    ("turn off everything upstairs", ["fan.turn_off fan", "humidifier.turn_off dry"]),
    ("turn off all the fans upstairs", ["fan.turn_off fan"]),
    ("turn off all switches in the kitchen", ["switch.turn_off plug"]),
    ("close the blinds downstairs", ["cover.close_cover blind"]),
    ("turn off the oscillation", ["fan.oscillate fan oscillating=False"]),
    ("close all covers in the living room", ["cover.close_cover blind"]),
    (
        "set all the lights downstairs to 20 percent",
        ["light.turn_on lamp brightness_pct=20", "light.turn_on strip brightness_pct=20"],
    ),
    ("turn off all sirens", ["siren.turn_off siren"]),
]


@pytest.fixture(scope="module")
def english() -> Understanding:
    return Understanding(full_home(), "en")


@pytest.mark.parametrize(("said", "actions"), CASES)
async def test_each_component_does_what_it_is_told(
    english: Understanding, said: str, actions: list[str]
) -> None:
    home = full_home()
    sent: list[str] = []

    async def perform(wanted: Sequence[Action]) -> tuple[ActionResult, ...]:
        for action in wanted:
            decision = plan(home.devices[action.device], action, home.state(action.device))
            assert isinstance(decision, Plan), decision
            data = " ".join(f"{key}={value}" for key, value in action.data.items())
            sent.append(f"{action.service} {action.device} {data}".strip())
        return tuple(ActionResult(action, Status.CONFIRMED) for action in wanted)

    context = SkillContext(home, perform, ManualClock(), None, "en", None)
    intents = english.read(said, None).intents
    assert len(intents) == 1, [i.name for i in intents]
    outcome = await handle_intent(intents[0], context)
    assert sent == actions, (intents, outcome)
    assert not outcome.failed
