"""Questions about every component and kind of sensor, and the words of the answers."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Sequence

import pytest
import yaml
from full_home import full_home
from manual_clock import ManualClock

from assistant.home.devices import Device, Features
from assistant.home.model import Home
from assistant.paths import packaged
from assistant.replies import Replies
from assistant.skills.context import SkillContext
from assistant.skills.registry import handle_intent
from assistant.types import Action, ActionResult, Intent
from assistant.understanding.understanding import Understanding

_replies = functools.cache(Replies)

CASES = [
    ("what is the power of the washing machine", "The washing machine power is 120 watts."),
    ("how much power is the washing machine using", "The washing machine power is 120 watts."),
    ("how much energy has the washing machine used",
     "The washing machine energy is 1.25 kilowatt hours."),
    ("what is the washing machine energy", "The washing machine energy is 1.25 kilowatt hours."),
    ("what is the voltage of the washing machine", "I do not know that about the washing machine."),
    ("what is the carbon dioxide level in the bedroom",
     "The bedroom CO2 is 812 parts per million."),
    ("how high is the humidity in the bathroom", "The bathroom humidity is 61 percent."),
    ("how bright is it in the garden", "The garden brightness is 1 lux."),
    ("is the kitchen window open", "Yes, the kitchen window is open."),
    ("is the bathroom window open", "No, the bathroom window is closed."),
    ("which windows are open", "The kitchen window."),
    ("are any windows open", "Yes, the kitchen window."),
    ("is a window open in the bathroom", "No, the bathroom window is closed."),
    ("are all windows closed", "No, the kitchen window is open."),
    ("are the windows closed", "No, the kitchen window is open."),
    ("are there any open windows", "Yes, the kitchen window."),
    ("what is the humidity in the bedroom", "The humidifier is 41 percent."),
    ("what is the humidity in the garden", "I do not know that about the garden."),
    ("what is the air conditioner set to", "The air conditioner is set to 19 to 24 degrees."),
    ("is the mower mowing", "Shaun is docked."),
    ("is the humidifier running", "Yes, the humidifier is on."),
    ("how many windows are open", "1 window is open."),
    ("is any door unlocked", "Yes, the front door is unlocked."),
    ("is the washing machine leak sensor wet", "No, the washing machine leak sensor is dry."),
    ("is there motion in the bedroom", "Yes, the bedroom motion detects motion."),
    ("is anyone in the bedroom", "Yes, the bedroom motion detects motion."),
    ("is there any smoke in the kitchen", "No, the kitchen smoke detector detects no smoke."),
    ("which batteries are low", "The remote control battery."),
    ("is the remote control battery low", "Yes, the remote control battery is low."),
    ("is the bedroom occupied", "Yes, the bedroom motion detects motion."),
    ("is the battery of the remote control low", "Yes, the remote control battery is low."),
    ("is the alarm on", "The house alarm is armed for away."),
    ("is the alarm armed", "The house alarm is armed for away."),
    ("what is rosie doing", "Rosie is cleaning."),
    ("what is the dishwasher program set to", "The dishwasher program is set to Intensive."),
    ("what is the heating offset", "The heating offset is 1.5 degrees."),
    ("what did the desk button do", "The last event of the desk button was double."),
    ("what is the humidifier set to", "The humidifier is on, set to 50 percent."),
    ("what is the boiler set to", "The boiler is eco, set to 50 degrees."),
    ("what is the floor lamp at", "The floor lamp is on showing Rainbow."),
    ("what is the air conditioner",
     "The air conditioner is on automatic, set to 19 to 24 degrees."),
]  # fmt: skip


async def _nothing(actions: Sequence[Action]) -> tuple[ActionResult, ...]:
    raise AssertionError(actions)


async def _answer(text: str, home: Home, understanding: Understanding) -> str:
    context = SkillContext(home, _nothing, ManualClock(), None, "en", None)
    (intent,) = understanding.read(text, None).intents
    return _replies("en").outcome(await handle_intent(intent, context), home)


@pytest.fixture(scope="module")
def english() -> Understanding:
    return Understanding(full_home(), "en")


@pytest.mark.parametrize(("asked", "answer"), CASES)
async def test_what_is_asked_is_told_in_its_own_words(
    english: Understanding, asked: str, answer: str
) -> None:
    assert await _answer(asked, full_home(), english) == answer


async def _told(device: Device, value: object, language: str = "en") -> str:
    home = Home([device])
    home.update_state(device.id, {"value": value})  # type: ignore[dict-item]
    clock = ManualClock(dt.datetime(2026, 1, 5, 12, 0, tzinfo=dt.UTC))
    context = SkillContext(home, _nothing, clock, None, language, None)
    intent = Intent("HassGetState", {"name": "X"}, device_ids=("x",), response="one")
    return _replies(language).outcome(await handle_intent(intent, context), home)


@pytest.mark.parametrize(
    ("unit", "value", "en", "de", "zh"),
    [
        ("°C", 21.5, "21.5 degrees", "21,5 Grad", "21.5度"),
        ("°C", 1, "1 degree", "1 Grad", "1度"),
        ("%", 40, "40 percent", "40 Prozent", "百分之40"),
        ("W", 1, "1 watt", "1 Watt", "1瓦"),
        ("kWh", 0.04, "0.04 kilowatt hours", "0,04 Kilowattstunden", "0.04千瓦时"),
        ("ppm", 800, "800 parts per million", "800 ppm", "百万分之800"),
        ("hPa", 1013.25, "1013.2 hectopascals", "1013,2 Hektopascal", "1013.2百帕"),
        ("μg/m³", 12, "12 micrograms per cubic meter", "12 Mikrogramm pro Kubikmeter",
         "12微克每立方米"),
        ("m3", 3, "3 cubic meters", "3 Kubikmeter", "3立方米"),
        ("", 7, "7", "7", "7"),
        ("furlong", 7, "7 furlong", "7 furlong", "7furlong"),
    ],
)  # fmt: skip
async def test_units_are_spoken(unit: str, value: float, en: str, de: str, zh: str) -> None:
    device = Device("x", "Probe", "sensor", features=Features(unit=unit))
    assert await _told(device, value) == f"The probe is {en}."
    assert de in await _told(device, value, "de")
    assert zh in await _told(device, value, "zh")


async def test_times_and_lengths_of_time_are_spoken_as_such() -> None:
    left = Device("x", "Rest", "sensor", None, (), "duration", Features(unit="min"))
    assert await _told(left, 95) == "The rest is 1 hour and 35 minutes."
    ends = Device("x", "End", "sensor", None, (), "timestamp")
    assert await _told(ends, "2026-01-05T15:30:00+00:00") == "The end is Monday at 3:30 PM."


_UNITS = (
    "mVA VA kVA m² cm² km² mm² in² ft² yd² mi² ac ha cbar bar hPa mmHg inHg inH₂O kPa mbar "
    "mPa Pa psi % mg/dL mmol/L ppm ppb S/cm mS/cm µS/cm A mA bit/s kbit/s Mbit/s Gbit/s B/s "
    "kB/s MB/s GB/s KiB/s MiB/s GiB/s bit kbit Mbit Gbit B kB MB GB TB PB KiB MiB GiB TiB km "
    "m cm mm mi nmi yd in ft d h min s ms J kJ MJ GJ mWh Wh kWh MWh GWh TWh cal kcal Mcal "
    "Gcal kWh/100km Wh/km mi/kWh km/kWh Hz kHz MHz GHz m³ ft³ CCF MCF L mL gal fl.oz. lx W/m² "
    "BTU/(h⋅ft²) µg/m³ mg/m³ g/m³ μg/ft³ p/m³ mW W kW MW GW TW BTU/h varh kvarh var kvar mvar "
    "dB dBm dBA ft/s in/d in/h in/s km/h kn m/s mph mm/d mm/h mm/s Beaufort °C °F K µV mV V "
    "kV MV m³/h m³/min m³/s ft³/min L/h L/min L/s gal/min gal/h gal/d mL/s kg g mg µg oz lb "
    "st ° USD EUR GBP CHF JPY EUR/kWh CNY/kWh rpm "
)
"""Home Assistant's, from its list of sensor device classes, and some currencies."""


@pytest.mark.parametrize("language", ["en", "de", "ko", "zh"])
async def test_every_unit_of_home_assistant_is_spoken_in_words(language: str) -> None:
    raw = {"bar", "psi", "ppm", "ppb", "BTU", "pH", "dBm", "Beaufort", "var"}
    unspoken = []
    for unit in _UNITS.split():
        device = Device("x", "Probe", "sensor", features=Features(unit=unit))
        said = (await _told(device, 12, language)).replace("BTU", "")
        if any(sign in said for sign in "/²³µμ°⋅") or (unit not in raw and f" {unit}." in said):
            unspoken.append((unit, said))
    assert not unspoken


def _words(language: str) -> dict[str, dict[str, str]]:
    path = packaged("intents") / language / "replies.yaml"
    words: dict[str, dict[str, str]] = yaml.safe_load(path.read_text("utf-8"))["words"]
    units = yaml.safe_load(path.with_name("units.yaml").read_text("utf-8"))["units"]
    return {**words, "units": {unit: forms for unit, forms in units.items() if "/" not in unit}}


@pytest.mark.parametrize("language", ["de", "ko", "zh"])
def test_every_language_has_words_for_every_unit_and_state(language: str) -> None:
    english, other = _words("en"), _words(language)
    assert {kind: set(words) for kind, words in english.items()} == {
        kind: set(other[kind]) for kind in english
    }
    assert all("|" in forms for forms in other["binary"].values())


@pytest.mark.parametrize("language", ["en", "de", "ko", "zh"])
async def test_every_kind_of_binary_sensor_says_on_otherwise_than_off(language: str) -> None:
    for device_class in _words("en")["binary"]:
        device = Device("x", "X", "binary_sensor", None, (), device_class)
        said = {await _told(device, value, language) for value in ("on", "off")}
        assert len(said) == 2, device_class
