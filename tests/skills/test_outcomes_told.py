"""What is said of each service and each status, in every language that has replies."""

from __future__ import annotations

import functools
import logging

import pytest
from full_home import full_home

from assistant.home.devices import Area, Device
from assistant.home.model import Home
from assistant.replies import Replies
from assistant.types import Action, ActionResult, Outcome, Status

_replies = functools.cache(Replies)
LANGUAGES = ("en", "de", "ko", "zh")
SERVICES: list[tuple[str, str, dict[str, object]]] = [
    ("light.turn_on", "lamp", {"effect": "Color_Loop"}),
    ("light.turn_on", "lamp", {"brightness_pct": 40}),
    ("fan.set_preset_mode", "fan", {"preset_mode": "sleep"}),
    ("fan.oscillate", "fan", {"oscillating": False}),
    ("fan.set_direction", "fan", {"direction": "reverse"}),
    ("cover.open_cover_tilt", "blind", {}),
    ("cover.set_cover_tilt_position", "blind", {"tilt_position": 30}),
    ("valve.open_valve", "valve", {}),
    ("lock.open", "lock", {}),
    ("climate.set_temperature", "ac", {"target_temp_low": 19, "target_temp_high": 22.5}),
    ("climate.set_temperature", "ac", {"temperature": 21}),
    ("climate.set_hvac_mode", "ac", {"hvac_mode": "heat_cool"}),
    ("climate.set_fan_mode", "ac", {"fan_mode": "high"}),
    ("climate.set_preset_mode", "ac", {"preset_mode": "eco"}),
    ("climate.set_swing_mode", "ac", {"swing_mode": "both"}),
    ("climate.set_humidity", "ac", {"humidity": 45}),
    ("humidifier.set_humidity", "dry", {"humidity": 45}),
    ("humidifier.set_mode", "dry", {"mode": "auto"}),
    ("water_heater.set_temperature", "boiler", {"temperature": 50}),
    ("water_heater.set_operation_mode", "boiler", {"operation_mode": "eco"}),
    ("media_player.select_source", "tv", {"source": "Netflix"}),
    ("vacuum.start", "robot", {}),
    ("vacuum.pause", "robot", {}),
    ("vacuum.locate", "robot", {}),
    ("vacuum.clean_spot", "robot", {}),
    ("vacuum.set_fan_speed", "robot", {"fan_speed": "max"}),
    ("lawn_mower.start_mowing", "mower", {}),
    ("lawn_mower.dock", "mower", {}),
    ("siren.turn_on", "siren", {"tone": "bell"}),
    ("siren.turn_off", "siren", {}),
    ("alarm_control_panel.alarm_arm_home", "alarm", {}),
    ("alarm_control_panel.alarm_arm_away", "alarm", {}),
    ("alarm_control_panel.alarm_arm_night", "alarm", {}),
    ("alarm_control_panel.alarm_disarm", "alarm", {}),
    ("alarm_control_panel.alarm_trigger", "alarm", {}),
    ("button.press", "bell", {}),
    ("scene.turn_on", "movie", {}),
    ("select.select_option", "program", {"option": "quick_wash"}),
    ("number.set_value", "offset", {"value": 1.5}),
    ("text.set_value", "sign", {"value": "back soon"}),
]


def _outcome(*results: tuple[str, str, Status], **data: object) -> Outcome:
    return Outcome(
        "HassTurnOn.default",
        {},
        tuple(
            ActionResult(Action(service, device, data), status)  # type: ignore[arg-type]
            for service, device, status in results
        ),
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_outcome_of_every_service_has_its_words(
    language: str, caplog: pytest.LogCaptureFixture
) -> None:
    home, replies = full_home(), _replies(language)
    for service, device, data in SERVICES:
        told = {}
        for status in Status:
            told[status] = replies.outcome(_outcome((service, device, status), **data), home)
            assert len(told[status]) > 1, (service, status)
            assert "None" not in told[status], (service, status)
        outcomes = (Status.CONFIRMED, Status.UNAVAILABLE, Status.NO_ANSWER, Status.REFUSED)
        assert len({told[status] for status in outcomes}) == 4, (service, told)
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR], caplog.text


@pytest.mark.parametrize(
    ("service", "device", "data", "said"),
    [
        ("climate.set_temperature", "ac", {"target_temp_low": 19, "target_temp_high": 22.5},
         "The air conditioner is set to 19 to 22.5 degrees."),
        ("fan.oscillate", "fan", {"oscillating": True}, "The ceiling fan is swinging."),
        ("cover.close_cover_tilt", "blind", {}, "The slats of the office blind are closed."),
        ("light.turn_on", "lamp", {"effect": "Color_Loop"},
         "The floor lamp is showing Color Loop."),
        ("alarm_control_panel.alarm_arm_away", "alarm", {}, "The house alarm is armed for away."),
        ("number.set_value", "offset", {"value": 1.5}, "The heating offset is set to 1.5."),
        ("vacuum.pause", "robot", {}, "Rosie has paused."),
        ("siren.turn_on", "siren", {}, "The hall siren is sounding."),
    ],
)  # fmt: skip
def test_what_was_done_is_told_in_plain_words(
    service: str, device: str, data: dict[str, object], said: str
) -> None:
    outcome = _outcome((service, device, Status.CONFIRMED), **data)
    assert _replies("en").outcome(outcome, full_home()) == said


@pytest.mark.parametrize(
    ("language", "service", "state", "said"),
    [
        ("en", "cover.open_cover", "opening", "The office blind is opening."),
        ("en", "cover.open_cover", "open", "The office blind is open."),
        ("en", "cover.close_cover", "closing", "The office blind is closing."),
        ("de", "cover.close_cover", "closing", "Office blind schließt sich."),
        ("de", "cover.close_cover", "closed", "Office blind ist geschlossen."),
        ("ko", "cover.open_cover", "opening", "Office blind를 여는 중이에요."),
        ("zh", "cover.open_cover", "opening", "Office blind正在打开。"),
    ],
)
def test_what_is_still_on_its_way_is_not_said_to_be_there(
    language: str, service: str, state: str, said: str
) -> None:
    home = full_home()
    home.update_state("blind", {"cover": state})
    outcome = _outcome((service, "blind", Status.CONFIRMED))
    assert _replies(language).outcome(outcome, home) == said


HOME = Home(
    [
        Device("one", "Lamp", "light", "den"),
        Device("two", "Ceiling light", "light", "den"),
        Device("three", "Strip", "light", "den"),
        Device("four", "Other", "light", "hall"),
        Device("group", "Evening lights", "light", None, members=("one", "four"), virtual=True),
    ],
    [Area("den", "Den"), Area("hall", "Hall")],
)
ON, OFF = "light.turn_on", "light.turn_off"
C, S, N, U, R = (
    Status.CONFIRMED, Status.SENT, Status.NO_ANSWER, Status.UNAVAILABLE, Status.REFUSED
)  # fmt: skip


@pytest.mark.parametrize(
    ("statuses", "language", "said"),
    [
        ((C, C, N), "en", "Two of the three lights are on; the strip did not answer."),
        ((C, N, U), "en",
         "The lamp is on; the ceiling light did not answer and the strip is not reachable."),
        ((C, C, C), "en", "The lights in the den are on."),
        ((N, N, N), "en", "The lights in the den did not answer."),
        ((C, S, N), "en", "The lamp is on. I have told the ceiling light, but it does not report"
         " back; the strip did not answer."),
        ((C, C, N), "de", "Zwei von drei Geräten sind an; Strip: keine Antwort."),
        ((C, C, N), "ko", "조명 3개 중 2개를 켰어요. Strip 응답이 없어요."),
        ((C, C, N), "zh", "3个灯中的2个打开了；Strip没有回应。"),
    ],
)  # fmt: skip
def test_partial_success_is_told(statuses: tuple[Status, ...], language: str, said: str) -> None:
    devices = ("one", "two", "three")
    results = [(ON, d, status) for d, status in zip(devices, statuses, strict=True)]
    assert _replies(language).outcome(_outcome(*results), HOME) == said


def test_a_group_all_of_whose_members_obeyed_is_called_by_its_name() -> None:
    done = _outcome((OFF, "one", C), (OFF, "four", C))
    assert _replies("en").outcome(done, HOME) == "The evening lights are off."
    part = _outcome((OFF, "one", C), (OFF, "four", N))
    assert _replies("en").outcome(part, HOME) == "The lamp is off; the other did not answer."
