"""Skill: sums, and one unit of measurement in another."""

from __future__ import annotations

from fractions import Fraction

from assistant.skills.context import SkillContext
from assistant.skills.targets import failed
from assistant.types import Intent, Outcome
from assistant.understanding.formula import FormulaError, NoRootError, value

HANDLES = ("AssistantCalculate", "AssistantConvert")

_OUNCE, _INCH, _GALLON = Fraction("28.349523125"), Fraction("0.0254"), Fraction("3.785411784")
_MEASURES: tuple[dict[str, Fraction], ...] = (
    {"mg": Fraction(1, 1000), "g": Fraction(1), "kg": Fraction(1000), "oz": _OUNCE,
     "lb": 16 * _OUNCE, "st": 224 * _OUNCE, "Pfund": Fraction(500)},
    {"mm": Fraction(1, 1000), "cm": Fraction(1, 100), "m": Fraction(1), "km": Fraction(1000),
     "in": _INCH, "ft": 12 * _INCH, "yd": 36 * _INCH, "mi": 63_360 * _INCH},
    {"mL": Fraction(1, 1000), "cL": Fraction(1, 100), "dL": Fraction(1, 10), "L": Fraction(1),
     "gal": _GALLON, "qt": _GALLON / 4, "pt": _GALLON / 8, "cup": _GALLON / 16,
     "fl.oz.": _GALLON / 128, "tbsp": _GALLON / 256, "tsp": _GALLON / 768,
     "EL": Fraction(15, 1000), "TL": Fraction(5, 1000)},
    {"s": Fraction(1), "min": Fraction(60), "h": Fraction(3600), "d": Fraction(86_400),
     "wk": Fraction(604_800), "yr": Fraction(31_536_000)},
    {"km/h": Fraction(1000), "mph": 63_360 * _INCH},
)  # fmt: skip
"""Units that measure the same, each in terms of one of them; gallons and spoons are American."""

_PLACES = 3
"""So many decimals are told of a sum where no more follow."""

_USUAL = {
    "lb": "kg", "Pfund": "g", "kg": "lb", "oz": "g", "g": "oz", "mi": "km", "km": "mi",
    "ft": "m", "m": "ft", "in": "cm", "cm": "in", "yd": "m", "st": "kg",
    "gal": "L", "L": "gal", "fl.oz.": "mL",
    "°F": "°C", "°C": "°F", "min": "s", "h": "min", "d": "h",
}  # fmt: skip
"""What a unit is told in where none is named."""


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """Slots: `formula`, or `first`, `second` and `operation`; `amount` (1), `from` and `to`."""
    del ctx
    try:
        return _converted(intent) if intent.name == "AssistantConvert" else _summed(intent)
    except ZeroDivisionError:
        return failed("sum.by_zero")
    except NoRootError:
        return failed("sum.no_root")
    except FormulaError:
        return failed("sum.too_large")


def _summed(intent: Intent) -> Outcome:
    if "formula" in intent.slots:
        return _told(value(str(intent.slots["formula"])))
    first, second = (Fraction(str(intent.slots.get(key, 0))) for key in ("first", "second"))
    match str(intent.slots.get("operation", "")):
        case "plus":
            result = first + second
        case "minus":
            result = first - second
        case "times":
            result = first * second
        case "percent":
            result = first * second / 100
        case _:
            result = first / second
    return _told(result)


def _told(result: Fraction) -> Outcome:
    """With all decimals where they end soon, else with the usual few."""
    ends = (result * 10**_PLACES).denominator == 1
    return Outcome("sum.result", {"result": _plain(result), "places": _PLACES if ends else None})


def _converted(intent: Intent) -> Outcome:
    amount = value(str(intent.slots.get("formula", intent.slots.get("amount", 1))))
    unit = str(intent.slots.get("from", ""))
    to = str(intent.slots.get("to", _USUAL.get(unit, unit)))
    result = _temperature(amount, unit, to)
    for known in _MEASURES:
        if unit in known and to in known:
            result = amount * known[unit] / known[to]
    if result is None:
        return failed("sum.unlike")
    return Outcome("sum.converted", {"result": _plain(result), "unit": to})


def _temperature(amount: Fraction, unit: str, to: str) -> Fraction | None:
    if (unit, to) == ("°F", "°C"):
        return (amount - 32) * 5 / 9
    if (unit, to) == ("°C", "°F"):
        return amount * 9 / 5 + 32
    return None


def _plain(result: Fraction) -> int | float:
    return int(result) if result.denominator == 1 else float(result)
