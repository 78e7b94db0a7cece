# ruff: noqa: E501
"""English requests, what they mean and what is sent; and what must lead to nothing.

Actions are written `service device field=value`.
"""

from __future__ import annotations

import pytest

_Row = tuple[str, str, dict[str, object], list[str]]
_L, _O = "HassTurnOn", "HassTurnOff"
_LIGHT = {"domain": "light"}
_ALL_LIGHTS = ["kl", "lamp", "ceiling", "bl", "ol", "hl", "reading_l", "reading_b"]
_LIVING = ["lamp", "ceiling", "reading_l"]
_SET = "HassLightSet"
_SPEED = "HassFanSetSpeed"
_POS = "HassSetPosition"
_WARM = "HassClimateSetTemperature"
_TIMER = "HassStartTimer"
_WAKE = "AssistantSetAlarm"


def _each(service: str, devices: list[str], data: str = "") -> list[str]:
    return [f"{service} {device} {data}".strip() for device in devices]


def _kl(data: str) -> list[str]:
    return [f"light.turn_on kl {data}".strip()]


ACTING: list[_Row] = [
    ("turn on the kitchen lights", _L, {"name": "Kitchen lights"}, _kl("")),
    ("Turn the kitchen lights on.", _L, {"name": "Kitchen lights"}, _kl("")),
    ("TURN ON THE KITCHEN LIGHTS!!!", _L, {"name": "Kitchen lights"}, _kl("")),
    ("turn on the kitchen lights 😀", _L, {"name": "Kitchen lights"}, _kl("")),
    ('"Turn on the kitchen lights."', _L, {"name": "Kitchen lights"}, _kl("")),
    ("turn on the kitchen lights at 7 percent", _SET, {"name": "Kitchen lights", "brightness": 7}, _kl("brightness_pct=7")),
    ("turn on the kitchen lights at fifty", _SET, {"name": "Kitchen lights", "brightness": 50}, _kl("brightness_pct=50")),
    ("okay nabu turn on the kitchen lights", _L, {"name": "Kitchen lights"}, _kl("")),
    ("Hey Jarvis, turn on the main light", _L, {"name": "Kitchen lights"}, _kl("")),
    ("could you please turn on the kitchen lights for me?", _L, {"name": "Kitchen lights"}, _kl("")),
    ("kitchen lights off", _O, {"name": "Kitchen lights"}, ["light.turn_off kl"]),
    ("turn off the kitchen light", _O, {"name": "Kitchen lights"}, ["light.turn_off kl"]),
    ("hey, can you please turn the TV off, thanks", _O, {"name": "TV"}, ["media_player.turn_off tv"]),
    ("turn off the television", _O, {"name": "TV"}, ["media_player.turn_off tv"]),
    ("turn off the T.V.", _O, {"name": "TV"}, ["media_player.turn_off tv"]),
    ("turn off the living room lamp", _O, {"name": "Lamp", "area": "Living room"}, ["light.turn_off lamp"]),
    ("can you turn on the lamp in the lounge?", _L, {"name": "Lamp", "area": "Living room"}, ["light.turn_on lamp"]),
    ("turn on the living room lights", _L, {**_LIGHT, "area": "Living room"}, _each("light.turn_on", _LIVING)),
    ("turn off all lights in the living room", _O, {**_LIGHT, "area": "Living room"}, _each("light.turn_off", _LIVING)),
    ("turn off all the lights", _O, _LIGHT, _each("light.turn_off", _ALL_LIGHTS)),
    ("turn off the lights everywhere", _O, _LIGHT, _each("light.turn_off", _ALL_LIGHTS)),
    ("turn on all the lights", _L, _LIGHT, _each("light.turn_on", _ALL_LIGHTS)),
    ("turn on the lights", _L, _LIGHT, _each("light.turn_on", _ALL_LIGHTS)),
    ("@living turn on the lights", _L, {**_LIGHT, "area": "Living room"}, _each("light.turn_on", _LIVING)),
    ("@bedroom lights off", _O, {**_LIGHT, "area": "Bedroom"}, _each("light.turn_off", ["bl", "reading_b"])),
    ("turn off the lights upstairs", _O, {**_LIGHT, "floor": "First floor"}, _each("light.turn_off", ["bl", "ol", "reading_b"])),
    ("turn on the kitchen", _L, {**_LIGHT, "area": "Kitchen"}, _kl("")),
    ("@kitchen it is too dark in here", _L, {**_LIGHT, "area": "Kitchen"}, _kl("")),
    ("@bedroom turn on the reading light", _L, {"name": "Reading light"}, ["light.turn_on reading_b"]),
    ("turn on the reading light in the living room", _L, {"name": "Reading light", "area": "Living room"}, ["light.turn_on reading_l"]),
    ("switch on the coffee machine", _L, {"name": "Coffee machine"}, ["switch.turn_on plug"]),
    ("start the coffee machine", _L, {"name": "Coffee machine"}, ["switch.turn_on plug"]),
    ("turn the fan on", _L, {"name": "Fan"}, ["fan.turn_on fan"]),
    ("turn off everything in the living room", _O, {"area": "Living room"},
     [*_each("light.turn_off", ["lamp", "ceiling"]), "media_player.turn_off tv", "fan.turn_off fan", "light.turn_off reading_l"]),
    ("shut off the coffee machine", _O, {"name": "Coffee machine"}, ["switch.turn_off plug"]),
    ("@living turn off fans", _O, {"domain": "fan", "area": "Living room"}, ["fan.turn_off fan"]),
    ("set the scene to movie time", _L, {"name": "Movie time"}, ["scene.turn_on movie"]),
    ("movie time", _L, {"name": "Movie time"}, ["scene.turn_on movie"]),
    ("activate movie time", _L, {"name": "Movie time"}, ["scene.turn_on movie"]),
    ("press the doorbell", _L, {"name": "Doorbell"}, ["button.press bell"]),
    # brightness and colour
    ("set the bedroom lights to forty percent", _SET, {"name": "Bedroom lights", "brightness": 40}, ["light.turn_on bl brightness_pct=40"]),
    ("Set the bedroom lights to 40%.", _SET, {"name": "Bedroom lights", "brightness": 40}, ["light.turn_on bl brightness_pct=40"]),
    ("set the kitchen to 40 %", _SET, {**_LIGHT, "area": "Kitchen", "brightness": 40}, _kl("brightness_pct=40")),
    ("dim the living room lights to 20 per cent", _SET, {**_LIGHT, "area": "Living room", "brightness": 20}, _each("light.turn_on", _LIVING, "brightness_pct=20")),
    ("set the lamp brightness to 60", _SET, {"name": "Lamp", "brightness": 60}, ["light.turn_on lamp brightness_pct=60"]),
    ("set the brightness of the lamp to sixty", _SET, {"name": "Lamp", "brightness": 60}, ["light.turn_on lamp brightness_pct=60"]),
    ("set the kitchen lights to half", _SET, {"name": "Kitchen lights", "brightness": 50}, _kl("brightness_pct=50")),
    ("turn the lamp to full brightness", _SET, {"name": "Lamp", "brightness": 100}, ["light.turn_on lamp brightness_pct=100"]),
    ("dim the hallway light", _SET, {"name": "Hallway light", "brightness": 30}, ["light.turn_on hl brightness_pct=30"]),
    ("dim the bedroom lights", _SET, {"name": "Bedroom lights", "brightness": 30}, ["light.turn_on bl brightness_pct=10"]),
    ("make the kitchen lights brighter", _SET, {"name": "Kitchen lights", "brightness": 80}, _kl("brightness_pct=80")),
    ("increase the brightness of the lamp by 10%", _SET, {"name": "Lamp", "brightness_step": 10}, ["light.turn_on lamp brightness_step_pct=10"]),
    ("dim the lamp by 10%", _SET, {"name": "Lamp", "brightness_step": 10}, ["light.turn_on lamp brightness_step_pct=-10"]),
    ("make the office light blue", _SET, {"name": "Office light", "color": "blue"}, ["light.turn_on ol color_name=blue"]),
    ("set the office light to light blue", _SET, {"name": "Office light", "color": "lightblue"}, ["light.turn_on ol color_name=lightblue"]),
    ("turn the office light green", _SET, {"name": "Office light", "color": "green"}, ["light.turn_on ol color_name=green"]),
    ("change the colour of the lamp to purple", _SET, {"name": "Lamp", "color": "purple"}, ["light.turn_on lamp color_name=purple"]),
    ("@office make it red", _SET, {**_LIGHT, "area": "Office", "color": "red"}, ["light.turn_on ol color_name=red"]),
    ("set the lamp to warm white", _SET, {"name": "Lamp", "temperature": 2700}, ["light.turn_on lamp color_temp_kelvin=2700"]),
    ("set the lamp to 3000 kelvin", _SET, {"name": "Lamp", "temperature": 3000}, ["light.turn_on lamp color_temp_kelvin=3000"]),
    # covers and locks
    ("open the garage door", _L, {"name": "Garage door"}, ["cover.open_cover gd"]),
    ("open the garage", _L, {"domain": "cover", "device_class": "garage"}, ["cover.open_cover gd"]),
    ("close all the blinds in the living room", _O, {"domain": "cover", "device_class": "blind", "area": "Living room"}, _each("cover.close_cover", ["lb", "rb"])),
    ("@living close the blinds", _O, {"domain": "cover", "device_class": "blind", "area": "Living room"}, _each("cover.close_cover", ["lb", "rb"])),
    ("raise the left blind", _L, {"name": "Left blind"}, ["cover.open_cover lb"]),
    ("set the left blind to 30%", _POS, {"name": "Left blind", "position": 30}, ["cover.set_cover_position lb position=30"]),
    ("open the right blind halfway", _POS, {"name": "Right blind", "position": 50}, ["cover.set_cover_position rb position=50"]),
    ("set the living room blinds to 50 percent", _POS, {"domain": "cover", "device_class": "blind", "area": "Living room", "position": 50},
     _each("cover.set_cover_position", ["lb", "rb"], "position=50")),
    ("stop the left blind", "HassStopMoving", {"name": "Left blind"}, ["cover.stop_cover lb"]),
    ("lock the front door", _L, {"name": "Front door"}, ["lock.lock fd"]),
    ("unlock the front door", _O, {"name": "Front door"}, ["lock.unlock fd"]),
    ("lock all the doors", _L, {"domain": "lock"}, _each("lock.lock", ["fd", "bd"])),
    # climate and fans
    ("set the thermostat to twenty one degrees", _WARM, {"name": "Thermostat", "temperature": 21}, ["climate.set_temperature th temperature=21"]),
    ("set the heating to 20.5°C", _WARM, {"name": "Thermostat", "temperature": 20.5}, ["climate.set_temperature th temperature=20.5"]),
    ("set the temperature to 22 degrees", _WARM, {"temperature": 22}, ["climate.set_temperature th temperature=22"]),
    ("@bedroom set the temperature to 22 degrees", _WARM, {"temperature": 22, "area": "Bedroom"}, ["climate.set_temperature th temperature=22"]),
    ("set the temperature in the living room to 19", _WARM, {"area": "Living room", "temperature": 19}, ["climate.set_temperature th temperature=19"]),
    ("make it warmer", _WARM, {"temperature_step": 1}, ["climate.set_temperature th temperature=21"]),
    ("turn down the thermostat by two degrees", _WARM, {"name": "Thermostat", "temperature_step": 2}, ["climate.set_temperature th temperature=18"]),
    ("turn off the thermostat", _O, {"name": "Thermostat"}, ["climate.turn_off th"]),
    ("set the thermostat to heat", "AssistantSetHvacMode", {"name": "Thermostat", "hvac_mode": "heat"}, ["climate.set_hvac_mode th hvac_mode=heat"]),
    ("set the bedroom fan to 50%", _SPEED, {"name": "Bedroom fan", "percentage": 50}, ["fan.set_percentage bfan percentage=50"]),
    ("set the fan to high", _SPEED, {"name": "Fan", "percentage": 100}, ["fan.set_percentage fan percentage=100"]),
    ("set the fan speed to low", _SPEED, {"name": "Fan", "percentage": 33}, ["fan.set_percentage fan percentage=33"]),
    ("turn up the fan", _SPEED, {"name": "Fan", "percentage_step": 25}, ["fan.set_percentage fan percentage=75"]),
    # media and vacuum
    ("pause the music", "HassMediaPause", {}, ["media_player.media_pause tv"]),
    ("pause the tv", "HassMediaPause", {"name": "TV"}, ["media_player.media_pause tv"]),
    ("next song", "HassMediaNext", {}, ["media_player.media_next_track tv"]),
    ("set the TV volume to 20", "HassSetVolume", {"name": "TV", "volume_level": 20}, ["media_player.volume_set tv volume_level=0.2"]),
    ("turn the volume up", "HassSetVolumeRelative", {"volume_step": "up"}, ["media_player.volume_set tv volume_level=0.4"]),
    ("mute the TV", "HassMediaPlayerMute", {"name": "TV"}, ["media_player.volume_mute tv is_volume_muted=True"]),
    ("stop", "HassNevermind", {}, ["media_player.media_pause tv"]),
    ("start the vacuum", "HassVacuumStart", {"name": "Vacuum"}, ["vacuum.start vac"]),
    ("send the vacuum home", "HassVacuumReturnToBase", {"name": "Vacuum"}, ["vacuum.return_to_base vac"]),
]  # fmt: skip

TALKING: list[tuple[str, str, dict[str, object]]] = [
    ("what time is it", "HassGetCurrentTime", {}),
    ("What's the time right now?", "HassGetCurrentTime", {}),
    ("what's the date today", "HassGetCurrentDate", {}),
    ("what day is it", "HassGetCurrentDate", {}),
    ("what can you do", "AssistantHelp", {}),
    ("help", "AssistantHelp", {}),
    ("never mind", "HassNevermind", {}),
    ("cancel", "HassNevermind", {}),
    ("forget it", "HassNevermind", {}),
    ("what is the temperature in the nursery", "HassClimateGetTemperature", {"area": "Nursery"}),
    ("how warm is it in the living room", "HassClimateGetTemperature", {"area": "Living room"}),
    ("what is the nursery temperature", "HassGetState", {"name": "Nursery temperature"}),
    ("is the front door locked", "HassGetState", {"name": "Front door", "state": "locked"}),
    ("did I lock the front door", "HassGetState", {"name": "Front door", "state": "locked"}),
    ("is the garage door open", "HassGetState", {"name": "Garage door", "state": "open"}),
    ("are any lights on", "HassGetState", {"domain": "light", "state": "on"}),
    ("which lights are on", "HassGetState", {"domain": "light", "state": "on"}),
    ("is the lamp on or off", "HassGetState", {"name": "Lamp"}),
    ("set a timer for ten minutes", _TIMER, {"minutes": 10}),
    ("set a 5 minute timer", _TIMER, {"minutes": 5}),
    ("set a timer for 5 minutes and 30 seconds", _TIMER, {"minutes": 5, "seconds": 30}),
    ("set a timer for half an hour", _TIMER, {"minutes": 30}),
    ("set a timer for an hour and a half", _TIMER, {"hours": 1, "minutes": 30}),
    ("set an egg timer for 3 minutes", _TIMER, {"name": "egg", "minutes": 3}),
    ("set a 10 minute pizza timer", _TIMER, {"name": "pizza", "minutes": 10}),
    ("timer 5 minutes", _TIMER, {"minutes": 5}),
    ("cancel the pizza timer", "HassCancelTimer", {"name": "pizza"}),
    ("cancel all timers", "HassCancelAllTimers", {}),
    ("how much time is left on my timer", "HassTimerStatus", {}),
    ("how long is left on the pizza timer", "HassTimerStatus", {"name": "pizza"}),
    ("add five minutes to the egg timer", "HassIncreaseTimer", {"name": "egg", "minutes": 5}),
    ("pause the timer", "HassPauseTimer", {}),
    ("resume the timer", "HassUnpauseTimer", {}),
    ("wake me up at seven thirty tomorrow morning", _WAKE, {"hour": 7, "minute": 30, "day": "tomorrow"}),
    ("Wake me up at 7.30 tomorrow morning.", _WAKE, {"hour": 7, "minute": 30, "day": "tomorrow"}),
    ("wake me at half past seven", _WAKE, {"hour": 7, "minute": 30}),
    ("wake me up at quarter to eight", _WAKE, {"hour": 7, "minute": 45}),
    ("wake me up at six oh five", _WAKE, {"hour": 6, "minute": 5}),
    ("wake me at 5 to 7", _WAKE, {"hour": 6, "minute": 55}),
    ("set an alarm for six fifteen on weekdays", _WAKE, {"hour": 6, "minute": 15, "days": "weekdays"}),
    ("Set an alarm for 6.15 on weekdays.", _WAKE, {"hour": 6, "minute": 15, "days": "weekdays"}),
    ("set an alarm for noon", _WAKE, {"hour": 12, "minute": 0}),
    ("set an alarm at 10 p.m.", _WAKE, {"hour": 22, "minute": 0}),
    ("set an alarm for 3", _WAKE, {"hour": 3, "minute": 0, "clock": 12}),
    ("set a daily alarm for 6:30", _WAKE, {"hour": 6, "minute": 30, "days": "daily"}),
    ("set an alarm for 8 o'clock on Saturday", _WAKE, {"hour": 8, "minute": 0, "day": "saturday"}),
    ("when is my alarm", "AssistantListAlarms", {}),
    ("cancel my alarm", "AssistantCancelAlarm", {}),
    ("cancel all alarms", "AssistantCancelAlarm", {"all": True}),
    # understood, but nothing that could be meant without doubt
    ("it is too dark in here", _L, _LIGHT),
    ("make it blue", _SET, {**_LIGHT, "color": "blue"}),
    ("turn on the reading light", _L, {"name": "Reading light"}),
    ("turn on the light", _L, _LIGHT),
    ("unlock the door", _O, {"domain": "lock"}),
    ("open the blinds in the kitchen", _L, {"domain": "cover", "device_class": "blind", "area": "Kitchen"}),
]  # fmt: skip

TOGETHER: list[tuple[str, list[str]]] = [
    ("turn on the fan and turn off the tv", ["fan.turn_on fan", "media_player.turn_off tv"]),
    ("turn off the TV and the lamp", ["media_player.turn_off tv", "light.turn_off lamp"]),
    ("turn the TV and the lamp off", ["media_player.turn_off tv", "light.turn_off lamp"]),
    ("turn off the lamp, the fan and the TV", ["light.turn_off lamp", "fan.turn_off fan", "media_player.turn_off tv"]),
    ("turn on the kitchen lights. Close the left blind.", ["light.turn_on kl", "cover.close_cover lb"]),
    ("turn on the lamp and then make it red", ["light.turn_on lamp", "light.turn_on lamp color_name=red"]),
    ("set the kitchen lights to 20 percent and the bedroom lights to 50 percent",
     ["light.turn_on kl brightness_pct=20", "light.turn_on bl brightness_pct=50"]),
    ("set kitchen lights to red and the lamp to 20%", ["light.turn_on kl color_name=red", "light.turn_on lamp brightness_pct=20"]),
    ("turn off the lights in the kitchen and the hallway", ["light.turn_off kl", "light.turn_off hl"]),
    ("turn on the kitchen lights, close the left blind and set a timer for 5 minutes", ["light.turn_on kl", "cover.close_cover lb"]),
    ("lock the front and back door", ["lock.lock fd", "lock.lock bd"]),
    ("set the left and right blind to 30%", ["cover.set_cover_position lb position=30", "cover.set_cover_position rb position=30"]),
    ("set the kitchen and bedroom lights to 40%", ["light.turn_on kl brightness_pct=40", "light.turn_on bl brightness_pct=40"]),
    ("lock the front door and open the right blind", ["lock.lock fd", "cover.open_cover rb"]),
]  # fmt: skip

NOTHING: list[str] = [
    "", " ", "...", "😀😀😀", "um", "the", "ten minutes", "forty percent", "blue",
    "lamp", "the lamp", "the kitchen", "kitchen 40", "lights", "kitchen lights", "TV",
    "turn on", "turn on the", "turn off", "turn it off", "set the", "turn on the blue",
    "turn on the lights and", "turn on the secret lamp", "turn on the dragon",
    "don't turn on the lights", "do not open the garage door", "please don't lock the front door",
    "don't turn off the kitchen lights and turn on the fan",
    "turn on the lamp and don't turn off the fan", "never turn on the lamp again",
    "could you not turn on the lights", "I don't want you to turn off the TV",
    "I turned on the lights yesterday", "he said turn on the lights", "who turned on the lights",
    "I think you should turn on the lights when I get home", "should I turn on the lights",
    "why are the kitchen lights on", "turn off the lights if nobody is home",
 "I'll be there in ten minutes",
    "how far is Mars", "is there life on mars", "what is the capital of France",
    "turn the page", "open your books", "close your eyes",
    "the lights were beautiful", "I love the kitchen lights", "what a lovely lamp that is",
    "lock him up", "set the table", "set the record straight", "play it cool",
    "stop it right there sir", "set fire to the rain", "turn left at the next light",
    "turn on your heart light", "open the window of opportunity",
    "the temperature is 20 degrees outside", "she opened the garage door and left",
    "breaking news tonight, the front door of the bank was found unlocked",
    "and now a word from our sponsors", "you have ten minutes to live",
    "wake me up before you go go",
    "turn on the lights " * 40, "x" * 10_000, "\x00\x07",
]  # fmt: skip


acting = pytest.mark.parametrize(("said", "name", "slots", "actions"), ACTING)
talking = pytest.mark.parametrize(("said", "name", "slots"), TALKING)
together = pytest.mark.parametrize(("said", "actions"), TOGETHER)
nothing = pytest.mark.parametrize("said", NOTHING)
