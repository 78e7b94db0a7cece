"""Skill: sums of two numbers, and one unit of measurement in another."""

from __future__ import annotations

from fractions import Fraction

from assistant.skills.context import SkillContext
from assistant.skills.targets import failed
from assistant.types import Intent, Outcome

HANDLES = ("AssistantCalculate", "AssistantConvert")

_OUNCE, _INCH = Fraction("28.349523125"), Fraction("0.0254")
_MEASURES: tuple[dict[str, Fraction], ...] = (
    {"mg": Fraction(1, 1000), "g": Fraction(1), "kg": Fraction(1000), "oz": _OUNCE,
     "lb": 16 * _OUNCE, "st": 224 * _OUNCE, "Pfund": Fraction(500)},
    {"mm": Fraction(1, 1000), "cm": Fraction(1, 100), "m": Fraction(1), "km": Fraction(1000),
     "in": _INCH, "ft": 12 * _INCH, "yd": 36 * _INCH, "mi": 63_360 * _INCH},
    {"mL": Fraction(1, 1000), "L": Fraction(1), "gal": Fraction("3.785411784"),
     "fl.oz.": Fraction("3.785411784") / 128},
    {"s": Fraction(1), "min": Fraction(60), "h": Fraction(3600), "d": Fraction(86_400)},
)  # fmt: skip
"""Units that measure the same, each in terms of one of them; gallons are those of the USA."""

_USUAL = {
    "lb": "kg", "Pfund": "g", "kg": "lb", "oz": "g", "g": "oz", "mi": "km", "km": "mi",
    "ft": "m", "m": "ft", "in": "cm", "cm": "in", "yd": "m", "st": "kg",
    "gal": "L", "L": "gal", "fl.oz.": "mL",
    "°F": "°C", "°C": "°F", "min": "s", "h": "min", "d": "h",
}  # fmt: skip
"""What a unit is told in where none is named."""


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """Slots: `first`, `second` and `operation`; or `amount` (1), `from` and `to`."""
    del ctx
    if intent.name == "AssistantConvert":
        return _converted(intent)
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
        case _ if second:
            result = first / second
        case _:
            return failed("sum.by_zero")
    return Outcome("sum.result", {"result": _plain(result)})


def _converted(intent: Intent) -> Outcome:
    amount = Fraction(str(intent.slots.get("amount", 1)))
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
