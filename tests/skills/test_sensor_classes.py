"""Every kind of sensor that Home Assistant knows, asked for in four languages."""

from __future__ import annotations

import itertools

import pytest
import yaml

from assistant.home.devices import Area, Device, Features
from assistant.home.model import Home
from assistant.paths import packaged
from assistant.skills.queries import _MEASURED_AS
from assistant.understanding.understanding import Understanding

CLASSES = [
    "absolute_humidity",
    "apparent_power",
    "aqi",
    "area",
    "atmospheric_pressure",
    "battery",
    "blood_glucose_concentration",
    "carbon_dioxide",
    "carbon_monoxide",
    "conductivity",
    "current",
    "data_rate",
    "data_size",
    "distance",
    "duration",
    "energy",
    "energy_distance",
    "energy_storage",
    "frequency",
    "gas",
    "humidity",
    "illuminance",
    "irradiance",
    "moisture",
    "monetary",
    "nitrogen_dioxide",
    "nitrogen_monoxide",
    "nitrous_oxide",
    "ozone",
    "ph",
    "pm1",
    "pm10",
    "pm25",
    "pm4",
    "power",
    "power_factor",
    "precipitation",
    "precipitation_intensity",
    "pressure",
    "reactive_energy",
    "reactive_power",
    "signal_strength",
    "sound_pressure",
    "speed",
    "sulphur_dioxide",
    "temperature_delta",
    "voltage",
    "volatile_organic_compounds",
    "volume",
    "volume_flow_rate",
    "volume_storage",
    "water",
    "weight",
    "wind_direction",
    "wind_speed",
]
"""But temperature, which has an intent of its own, and date, enum and timestamp, asked by name."""

LOCAL = (("de", "Keller"), ("zh", "地下室"), ("ko", "지하실"))
ASKED = {
    "en": "what is the {} in the cellar",
    "de": "wie hoch ist die {} im Keller",
    "zh": "地下室的{}是多少",
    "ko": "지하실의 {} 얼마야",
}


def _forms(language: str) -> dict[str, list[str]]:
    """By class, every way to say it."""
    from hassil.expression import Expression
    from hassil.parse_expression import parse_sentence
    from hassil.sample import sample_expression

    path = packaged("intents") / language / "sensor_classes.yaml"
    values = yaml.safe_load(path.read_text("utf-8"))["lists"]["sensor_class"]["values"]

    def said(expression: Expression) -> list[str]:
        return list(itertools.islice(sample_expression(expression), 20))

    return {value["out"]: said(parse_sentence(value["in"]).expression) for value in values}


@pytest.mark.parametrize("language", ASKED)
def test_every_kind_of_sensor_can_be_asked_for(language: str) -> None:
    forms = _forms(language)
    assert sorted(forms) == sorted(CLASSES)
    areas = [Area("cellar", "Cellar", local_names=LOCAL)]
    home = Home(
        [
            Device(name, f"Gizmo {number}", "sensor", "cellar", (), name, Features(unit="x"))
            for number, name in enumerate(forms)
        ],
        areas,
    )
    understanding = Understanding(home, language)
    wrong = []
    for name, words in forms.items():
        for word in words:
            asked = ASKED[language].format(" ".join(word.split()))
            intents = understanding.read(asked, None).intents
            classes = [intent.slots.get("device_class") for intent in intents]
            if classes not in ([name], [_MEASURED_AS.get(name)]):
                wrong.append((asked, classes))
    assert not wrong
