"""Whether a command that came is the one that was written down."""

import pytest
from small_home import action, home

from assistant.errors import EvaluationError
from assistant.evaluation.commands import Wanted, among, fits, plain, read_command

SAME = [
    ("light.turn_on lamp", "light.turn_on lamp"),
    ("light.turn_on spots|lamp", "light.turn_on lamp"),
    ("light.turn_on lamp brightness_pct=10..40", "light.turn_on lamp brightness_pct=40"),
    ("light.turn_on lamp brightness_pct=75", "light.turn_on lamp brightness_step_pct=15"),
    ("light.turn_on lamp brightness_pct?=40..100", "light.turn_on lamp"),
    ("light.turn_on lamp brightness_pct?=40..100", "light.turn_on lamp brightness_pct=80"),
    ("light.turn_on lamp color_name=red|blue", "light.turn_on lamp color_name=blue"),
    ("light.turn_on lamp color_temp_kelvin=2200..3200", "light.turn_on lamp color_name=warm_white"),
    ("light.turn_off lamp", "light.turn_on lamp brightness_pct=0"),
    ("light.turn_off lamp", "light.toggle lamp"),
    ("cover.close_cover blind", "cover.set_cover_position blind position=0"),
    ("cover.set_cover_position blind position=0..20", "cover.close_cover blind"),
    ("fan.set_percentage fan percentage=70..80", "fan.turn_on fan percentage=75"),
    ("fan.turn_on fan percentage?=15..100", "fan.set_percentage fan percentage=30"),
    ("media_player.volume_set radio volume_level=0.45..1", "media_player.volume_up radio"),
    ("media_player.media_pause|media_stop radio", "media_player.media_stop radio"),
    ("climate.set_hvac_mode heater hvac_mode=off", "climate.turn_off heater"),
    ("climate.set_temperature heater temperature=21..23",
     "climate.set_temperature heater temperature=22"),
]  # fmt: skip

OTHER = [
    ("light.turn_on lamp", "light.turn_off lamp"),
    ("light.turn_on lamp", "light.turn_on spots"),
    ("light.turn_on lamp", "light.turn_on lamp brightness_pct=40"),
    ("light.turn_on lamp brightness_pct=40", "light.turn_on lamp"),
    ("light.turn_on lamp brightness_pct=10..40", "light.turn_on lamp brightness_pct=41"),
    ("light.turn_on lamp brightness_pct?=40..100", "light.turn_on lamp brightness_pct=10"),
    ("light.turn_on lamp color_name=red", "light.turn_on lamp color_name=blue"),
    ("cover.open_cover blind", "cover.close_cover blind"),
    ("cover.set_cover_position blind position=30..60", "cover.open_cover blind"),
    ("fan.set_percentage fan percentage=70", "fan.turn_on fan"),
    ("climate.turn_off heater", "climate.set_hvac_mode heater hvac_mode=heat"),
]


@pytest.mark.parametrize(("wanted", "came"), SAME)
def test_what_comes_to_the_same_fits(wanted: str, came: str):
    command = plain(action(came), home())
    assert command is not None
    assert fits([command], [read_command(wanted)], Wanted.fits)


@pytest.mark.parametrize(("wanted", "came"), OTHER)
def test_what_comes_to_something_else_does_not_fit(wanted: str, came: str):
    command = plain(action(came), home())
    assert command is not None
    assert not fits([command], [read_command(wanted)], Wanted.fits)


@pytest.mark.parametrize(
    ("wanted", "came", "whole", "allowed"),
    [
        (["light.turn_on lamp", "light.turn_on spots"], ["light.turn_on lamp"], False, True),
        (["light.turn_on lamp"], ["light.turn_on lamp"] * 2, False, False),
        (["light.turn_on lamp", "maybe light.turn_on spots"], ["light.turn_on lamp"], True, True),
        (["light.turn_on lamp", "maybe light.turn_on spots"], ["light.turn_on spots"], False, True),
        (["maybe light.turn_on lamp", "maybe light.turn_on spots"], [], False, True),
        (
            ["light.turn_on lamp|spots", "light.turn_on spots"],
            ["light.turn_on spots", "light.turn_on lamp"],
            True,
            True,
        ),
    ],
)
def test_all_wanted_commands_must_come_and_no_others(
    wanted: list[str], came: list[str], whole: bool, allowed: bool
):
    there = home()
    commands = [command for text in came if (command := plain(action(text), there))]
    lines = [read_command(text) for text in wanted]
    assert fits(commands, lines, Wanted.fits) is whole
    assert among(commands, lines) is allowed


@pytest.mark.parametrize(
    "refused",
    [
        "light.turn_on spots color_name=red",
        "fan.turn_on lamp",
        "light.turn_on lamp brightness_pct=200",
    ],
)
def test_what_the_device_would_refuse_comes_to_nothing(refused: str):
    assert plain(action(refused), home()) is None


@pytest.mark.parametrize(
    "text", ["", "lamp on", "light.turn_on", "light.turn_on lamp bright", "maybe"]
)
def test_a_command_that_is_none_is_refused_with_its_words(text: str):
    with pytest.raises(EvaluationError):
        read_command(text)
