"""Numbers, units and times as they are read aloud."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.voice.spoken import spoken


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is 21.5 °C.", "It is 21.5 degrees."),
        ("It is 21.5°C inside", "It is 21.5 degrees inside"),
        ("21.0 °C", "21 degrees"),
        ("1 °C", "1 degree"),
        ("-5 °F", "-5 degrees"),
        ("−5 °C", "-5 degrees"),
        ("20–25 °C", "20 to 25 degrees"),
        ("at 40%", "at 40 percent"),
        ("at 40 %.", "at 40 percent."),
        ("3 kWh and 1 W", "3 kilowatt hours and 1 watt"),
        ("12 km/h", "12 kilometers per hour"),
        ("415 ppm", "415 parts per million"),
        ("1,013 hPa", "1,013 hectopascals"),
        ("8 µg/m³", "8 micrograms per cubic meter"),
        ("65 lx", "65 lux"),
        ("5 minutes", "5 minutes"),
        ("4 walls and 2 lamps", "4 walls and 2 lamps"),
        ("Wi-Fi 5G", "Wi-Fi 5G"),
        ("It's 7:30.", "It's 7 30."),
        ("It's 7:05 AM.", "It's 7 oh 5 AM."),
        ("at 7:00", "at 7 o'clock"),
        ("at 7:00 a.m. tomorrow", "at 7 AM tomorrow"),
        ("at 7:10 p.m. Sleep well", "at 7 10 PM. Sleep well"),
        ("at 19:45", "at 7 45 PM"),
        ("at 0:05", "at 12 oh 5 AM"),
        ("at 12:00", "at 12 o'clock"),
        ("at 13:00", "at 1 PM"),
        ("a 16:9 screen", "a 16:9 screen"),
        ("1:2:3", "1:2:3"),
        ("Tom & Jerry", "Tom and Jerry"),
        ("**Done** 😀👍🏽!", "Done !"),
        ("# Title\n- one\n- two", "Title\none\ntwo"),
        ("see [the lamp](http://example.org)", "see the lamp"),
        ("say [[h@'loU]] now", "say h@'loU now"),
        ("snake_case `code`", "snake_case code"),
        ("bell\x07 and\u200b nothing\ufeff", "bell and nothing"),
    ],
)
def test_english_is_spelled_out(text: str, expected: str) -> None:
    assert spoken(text, "en") == expected
    assert spoken(text, "en_GB") == expected


@pytest.mark.parametrize(
    ("text", "language"),
    [("21,5 °C um 7:30 Uhr, 40 %", "de"), ("21.5 °C, 오전 7:30", "ko"), ("می‌خواهم", "fa")],
)
def test_other_languages_are_left_to_the_voice(text: str, language: str) -> None:
    assert spoken(text, language) == text


@given(st.text())
def test_any_text_can_be_spoken(text: str) -> None:
    assert "[[" not in spoken(text)
