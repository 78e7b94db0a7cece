"""Sums as formulas: read with the usual precedence, computed exactly."""

from __future__ import annotations

import math
from fractions import Fraction

_LARGEST = 10**15
_LARGEST_POWER = 64


class FormulaError(ValueError):
    """A formula that cannot be read, or has no value that could be said."""


class TooLargeError(FormulaError):
    """A result that nobody would listen to."""


class NoRootError(FormulaError):
    """The root of a negative number."""


def value(formula: str) -> Fraction:
    """The value of `formula`: numbers ("3", "2.5", "1/3"), + - * / ^, sqrt and brackets.

    Its tokens are set apart by spaces. Exact but for roots and broken powers. Raises
    `FormulaError`, and `ZeroDivisionError`.
    """
    reader = _Reader(formula.split())
    result = reader.sum()
    if not reader.ended:
        raise FormulaError(f"something is left over in {formula!r}")
    return result


class _Reader:
    """Recursive descent over the tokens of one formula."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def ended(self) -> bool:
        return self._at == len(self._tokens)

    def sum(self) -> Fraction:
        result = self._product()
        while (sign := self._take("+", "-")) is not None:
            other = self._product()
            result = _bounded(result + other if sign == "+" else result - other)
        return result

    def _product(self) -> Fraction:
        result = self._signed()
        while (sign := self._take("*", "/")) is not None:
            other = self._signed()
            result = _bounded(result * other if sign == "*" else result / other)
        return result

    def _signed(self) -> Fraction:
        if self._take("-") is not None:
            return -self._signed()
        return self._power()

    def _power(self) -> Fraction:
        base = self._atom()
        if self._take("^") is None:
            return base
        exponent = self._signed()
        if abs(exponent) > _LARGEST_POWER:
            raise TooLargeError("a power is too high")
        if exponent.denominator == 1:
            return _bounded(base ** int(exponent))
        if base < 0:
            raise NoRootError("a root of a negative number")
        return Fraction(float(base) ** float(exponent))

    def _atom(self) -> Fraction:
        if self.ended:
            raise FormulaError("the formula ends too soon")
        token = self._tokens[self._at]
        self._at += 1
        if token == "(":  # noqa: S105
            result = self.sum()
            if self._take(")") is None:
                raise FormulaError("a bracket is not closed")
            return result
        if token == "sqrt":  # noqa: S105
            return _root(self._signed())
        try:
            return _bounded(Fraction(token))
        except ValueError as error:
            raise FormulaError(f"{token!r} is no number") from error

    def _take(self, *wanted: str) -> str | None:
        if not self.ended and self._tokens[self._at] in wanted:
            self._at += 1
            return self._tokens[self._at - 1]
        return None


def _root(of: Fraction) -> Fraction:
    if of < 0:
        raise NoRootError("a root of a negative number")
    above, below = math.isqrt(of.numerator), math.isqrt(of.denominator)
    exact = Fraction(above, below)
    return exact if exact * exact == of else Fraction(math.sqrt(of))


def _bounded(result: Fraction) -> Fraction:
    if abs(result) > _LARGEST:
        raise TooLargeError("a result is too large")
    return result
