"""Turns written reply text into what a synthesizer reads aloud rightly. Pure functions.

espeak-ng, which Piper too takes its phonemes from, reads plain numbers, "40%" and "-5" well in
most languages, but "21.5 °C" as "degrees see", "7:00" as "seven zero zero", and letters of
units one by one. So English is spelled out here; of other languages only what no voice should
read (emoji, Markdown, control characters) is taken away.
"""

from __future__ import annotations

import re
import unicodedata

_UNITS: dict[str, tuple[str, str]] = {
    "%": ("percent", "percent"),
    "°C": ("degree", "degrees"),
    "℃": ("degree", "degrees"),
    "°F": ("degree", "degrees"),
    "℉": ("degree", "degrees"),
    "°": ("degree", "degrees"),
    "K": ("kelvin", "kelvin"),
    "W": ("watt", "watts"),
    "kW": ("kilowatt", "kilowatts"),
    "MW": ("megawatt", "megawatts"),
    "Wh": ("watt hour", "watt hours"),
    "kWh": ("kilowatt hour", "kilowatt hours"),
    "MWh": ("megawatt hour", "megawatt hours"),
    "VA": ("volt ampere", "volt amperes"),
    "V": ("volt", "volts"),
    "mV": ("millivolt", "millivolts"),
    "A": ("amp", "amps"),
    "mA": ("milliamp", "milliamps"),
    "Hz": ("hertz", "hertz"),
    "lx": ("lux", "lux"),
    "lm": ("lumen", "lumens"),
    "hPa": ("hectopascal", "hectopascals"),
    "mbar": ("millibar", "millibars"),
    "bar": ("bar", "bars"),
    "psi": ("P S I", "P S I"),
    "ppm": ("part per million", "parts per million"),
    "ppb": ("part per billion", "parts per billion"),
    "µg/m³": ("microgram per cubic meter", "micrograms per cubic meter"),
    "μg/m³": ("microgram per cubic meter", "micrograms per cubic meter"),
    "m³": ("cubic meter", "cubic meters"),
    "m²": ("square meter", "square meters"),
    "km/h": ("kilometer per hour", "kilometers per hour"),
    "m/s": ("meter per second", "meters per second"),
    "mph": ("mile per hour", "miles per hour"),
    "mm/h": ("millimeter per hour", "millimeters per hour"),
    "km": ("kilometer", "kilometers"),
    "m": ("meter", "meters"),
    "cm": ("centimeter", "centimeters"),
    "mm": ("millimeter", "millimeters"),
    "kg": ("kilogram", "kilograms"),
    "g": ("gram", "grams"),
    "L": ("liter", "liters"),
    "l": ("liter", "liters"),
    "ml": ("milliliter", "milliliters"),
    "mL": ("milliliter", "milliliters"),
    "dB": ("decibel", "decibels"),
    "dBm": ("decibel milliwatt", "decibel milliwatts"),
    "h": ("hour", "hours"),
    "min": ("minute", "minutes"),
    "s": ("second", "seconds"),
    "ms": ("millisecond", "milliseconds"),
    "kB": ("kilobyte", "kilobytes"),
    "MB": ("megabyte", "megabytes"),
    "GB": ("gigabyte", "gigabytes"),
    "TB": ("terabyte", "terabytes"),
}
"""Home Assistant's units of measurement, with their singular and plural in English."""

_UNIT_NAMES = "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))
_QUANTITY = re.compile(rf"(?<![\w.,:])(-?\d[\d,]*(?:\.\d+)?)[ \u00a0\u202f]?({_UNIT_NAMES})(?!\w)")
_TIME = re.compile(
    r"(?<![\w:.])([01]?\d|2[0-3]):([0-5]\d)(?![\d:])"
    r"(?:[ \u00a0\u202f]?([AaPp])(?:\.[Mm]\.|[Mm]\b))?"
)
_RANGE = re.compile(r"(?<=\d)\s?–\s?(?=\d)")

_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_LINE_MARK = re.compile(r"^[ \t]*(?:#{1,6}|[-*+•>])[ \t]+", re.MULTILINE)
_EMPHASIS = re.compile(r"\*+|(?<!\w)_+(?=\w)|(?<=\w)_+(?!\w)|~~+|`+")
_PHONEMES = re.compile(r"\[\[+|\]\]+")
_JOINERS = "\u200c\u200d"


def spoken(text: str, language: str = "en") -> str:
    """`text` as it is to be read aloud in `language`: "21.5 °C" becomes "21.5 degrees"."""
    text = _legible(text)
    if re.split("[-_]", language)[0].casefold() != "en":
        return text
    text = _RANGE.sub(" to ", text)
    text = _TIME.sub(_time, text)
    text = _QUANTITY.sub(_quantity, text)
    return re.sub(r"\s&\s", " and ", text)


def _legible(text: str) -> str:
    """Without emoji, Markdown, control characters and phoneme brackets."""
    text = text.replace("\u2212", "-").replace("\r\n", "\n").replace("\t", " ")
    text = _LINK.sub(r"\1", text)
    text = _PHONEMES.sub(" ", _EMPHASIS.sub("", _LINE_MARK.sub("", text)))
    kept = "".join(character for character in text if _is_read(character))
    return re.sub(r"[ \u00a0]{2,}", " ", kept).strip()


def _is_read(character: str) -> bool:
    if character in "\n°℃℉" or character in _JOINERS:
        return True
    if "\ufe00" <= character <= "\ufe0f":
        return False
    return unicodedata.category(character) not in ("So", "Sk", "Cc", "Cf", "Cs", "Co", "Cn")


def _quantity(match: re.Match[str]) -> str:
    number, unit = match.groups()
    number = re.sub(r"\.0+$", "", number)
    singular, plural = _UNITS[unit]
    return f"{number} {singular if number in ('1', '-1') else plural}"


def _time(match: re.Match[str]) -> str:
    hour, minute, half = int(match[1]), int(match[2]), match[3]
    suffix = f" {half.upper()}M" if half else ""
    rest = match.string[match.end() :].lstrip()
    if match[0].endswith(".") and (not rest or rest[0].isupper()):
        suffix += "."
    if not half and (hour == 0 or hour > 12):
        suffix = " PM" if hour > 12 else " AM"
        hour = (hour - 1) % 12 + 1
    oclock = " o'clock"
    if minute == 0:
        return f"{hour}{suffix or oclock}"
    minutes = f"oh {minute}" if minute < 10 else str(minute)
    return f"{hour} {minutes}{suffix}"
