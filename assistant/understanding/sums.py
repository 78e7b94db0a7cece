"""Understanding room: sums and measures in words, which no list of sentences could hold.

The sentence templates know sums of two whole numbers; this reads decimals, fractions, roots and
longer sums. Every word must be one of a sum's: nothing is skipped, so that talk is none. The words
are in `intents/<language>/reckoning.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import cache

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.errors import ConfigError
from assistant.types import Intent
from assistant.understanding.formula import FormulaError, NoRootError, TooLargeError, value
from assistant.understanding.language import load_yaml, own_folder
from assistant.understanding.times.spoken_time import SpokenTimes

CALCULATE, CONVERT = "AssistantCalculate", "AssistantConvert"
_LONGEST = 160
_UNSPOKEN = frozenset("{}[]<>|\\$`#@~_;")
"""What nobody says and no recognizer writes: code, which is not reckoned."""
_NUMBER = r"\d+(?:\.\d+)?"
_SPACE = re.compile(r"\s+")
_EDGE = " .,!?;:"
_THIRDS = re.compile(r"\b(\d+) (1/\d+)\b")


class SumWords(BaseModel):
    """A language's `reckoning.yaml`. Keys and values are regular expressions where it says so."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    decimal: str = Field(".", description="sign between a number and its decimals")
    thousands: str = Field(",", description="sign between thousands")
    point: str = Field(description="what is said for the decimal sign; a regular expression")
    asks: str = Field(description="what stands before a sum; a regular expression")
    ends: str = Field(description="what may stand behind a sum; a regular expression")
    ignored: str = Field(description="what means nothing in a sum; a regular expression")
    replace: tuple[tuple[str, str], ...] = Field(
        (), description="regular expressions, and what is to be read instead, first of all"
    )
    rewrites: tuple[tuple[str, str], ...] = Field(
        (), description="regular expressions of whole sums, and the same as a formula"
    )
    operators: dict[str, str] = Field(description='words for "+", "-", "*", "/" and "^"')
    before: dict[str, str] = Field(description="words before a number, and what they stand for")
    after: dict[str, str] = Field(description="words behind a number, and what they stand for")
    fractions: dict[str, str] = Field(description='parts of one, such as "half": "1/2"')
    one: str = Field(description='regular expression of what may stand before "half"')
    joined: str = Field(description='regular expression of the "and" of "two and a half"')
    scales: dict[str, int] = Field(description='"thousand" behind digits')
    measures: dict[str, str] = Field(description="regular expressions of units, by their symbols")
    conversions: tuple[str, ...] = Field(
        description="regular expressions with {amount}, {from} and {to} (perhaps without {amount})"
    )


class Sums:
    """Reads the sums of one language."""

    def __init__(self, words: SumWords, times: SpokenTimes | None) -> None:
        """Raises `re.error` for a wrong regular expression."""
        self._words = words
        self._times = times
        self._asks = re.compile(rf"^(?:{words.asks})\s+(?=\S)")
        self._ends = re.compile(rf"\s+(?:{words.ends})$")
        self._ignored = re.compile(rf"(?<!\S)(?:{words.ignored})(?!\S)")
        self._rewrites = tuple((re.compile(p), said) for p, said in words.rewrites)
        self._fraction = re.compile(rf"\b(?:{_choice(words.fractions)})\b")
        self._pointed = re.compile(rf"(\d+) (?:{words.point}) (\d(?: ?\d)*)\b")
        self._scaled = re.compile(rf"({_NUMBER}) ({'|'.join(words.scales)})\b")
        self._hundreds = re.compile(rf"\b(\d{{3,}}) (?:{words.joined}) (\d{{1,2}})\b(?!/)")
        self._and_a_half = re.compile(
            rf"\b({_NUMBER}) (?:{words.joined}) (?:(?:{words.one}) )?(\d/\d+)"
        )
        self._a_half = re.compile(rf"\b(?:{words.one}) (?=\d/\d)")
        self._token = re.compile(
            rf"\s*(?:(?P<number>{_NUMBER}(?:/{_NUMBER})?)|(?P<operator>{_choice(words.operators)})|"
            rf"(?P<before>{_choice(words.before)})|(?P<after>{_choice(words.after)})|"
            r"(?P<sign>[-+*/^()]))(?=$|\s|[-+*/^()])"
        )
        self._units = tuple(
            (re.compile(rf"^(?:{said})$"), unit) for unit, said in words.measures.items()
        )
        any_unit = "|".join(words.measures.values())
        self._conversions = tuple(
            re.compile(
                "^"
                + form.replace("{amount}", "(?P<amount>.+?)")
                .replace("{from}", f"(?P<of>{any_unit})")
                .replace("{to}", f"(?P<to>{any_unit})")
                + "$"
            )
            for form in words.conversions
        )

    @classmethod
    def of(cls, language: str, times: SpokenTimes | None) -> Sums | None:
        """Those of `language`; None where there are none. Raises `ConfigError`."""
        words = sum_words(language)
        return cls(words, times) if words is not None else None

    def read(self, text: str, written: str = "") -> Intent | None:
        """The sum or the measure that `text` asks for; None where it is anything else.

        `written` is the text as it came, with the signs that `text` may have lost.
        """
        if len(text) > _LONGEST or not any(c.isalnum() for c in text):
            return None
        if _UNSPOKEN & set(written):
            return None
        plain = self._in_digits(text.lower())
        if (measured := self._measured(plain)) is not None:
            return measured
        asked = self._asks.sub("", plain)
        formula = self._formula(self._ends.sub("", asked))
        if formula is None or not re.search(r"\S [-+*/^]|sqrt", formula):
            return None
        return Intent(CALCULATE, {"formula": formula}, text=text)

    def _in_digits(self, text: str) -> str:
        """`text` with its numbers in digits, fractions as "1/2"."""
        words = self._words
        for form, meant in words.replace:
            text = re.sub(form, meant, text)
        text = re.sub(rf"(?<=\d){re.escape(words.thousands)}(?=\d{{3}}(?!\d))", "", text)
        text = re.sub(rf"(?<=\d){re.escape(words.decimal)}(?=\d)", ".", text)
        text = self._fraction.sub(lambda m: _meant(words.fractions, m[0]), text)
        pieces = re.split(r"(\d+(?:\.\d+)?(?:/\d+)?)", text)
        text = "".join(piece if piece[:1].isdigit() else self._coded(piece) for piece in pieces)
        text = self._pointed.sub(lambda m: f"{m[1]}.{m[2].replace(' ', '')}", _SPACE.sub(" ", text))
        text = self._scaled.sub(_product_of(words.scales), text)
        text = self._hundreds.sub(_sum_of, text)
        text = self._and_a_half.sub(_sum_of, text)
        text = _THIRDS.sub(lambda m: _plain(int(m[1]) * Fraction(m[2])), text)
        text = self._a_half.sub("", text)
        return text.strip(_EDGE)

    def _coded(self, text: str) -> str:
        if self._times is None:
            return text
        coded = self._times.numbers.code(text)
        signs = {sign: _plain(Fraction(coded.value(sign))) for sign in coded.values}
        return "".join(signs.get(character, character) for character in coded.text)

    def _measured(self, text: str) -> Intent | None:
        """One unit in another."""
        for form in self._conversions:
            found = form.match(text)
            if found is None:
                continue
            said = found.groupdict().get("amount") or "1"
            amount = self._formula(said)
            if amount is not None:
                slots: dict[str, str | int | float | bool] = {
                    "formula": amount, "from": self._unit(found["of"]),
                }  # fmt: skip
                if "to" in found.groupdict():
                    slots["to"] = self._unit(found["to"])
                return Intent(CONVERT, slots, text=text)
        return None

    def _unit(self, said: str) -> str:
        return next((unit for form, unit in self._units if form.match(said)), "")

    def _formula(self, text: str) -> str | None:
        """`text` as a formula: numbers, operators and brackets set apart; None where it is none."""
        text = _SPACE.sub(" ", self._ignored.sub(" ", text)).strip(_EDGE)
        for form, meant in self._rewrites:
            text = form.sub(meant, text)
        formula = " ".join(self._parts(text))
        try:
            value(formula)
        except (ZeroDivisionError, TooLargeError, NoRootError):
            return formula  # a sum all the same: that it cannot be done is the answer
        except FormulaError:
            return None
        return formula

    def _parts(self, text: str) -> Iterator[str]:
        """The tokens of a formula; "?" for what is none of one."""
        at = 0
        while at < len(text):
            match = self._token.match(text, at)
            if match is None or match.end() == at:
                yield "?"
                return
            at = match.end()
            word = match[0].strip()
            if match["operator"]:
                yield _meant(self._words.operators, word)
            elif match["before"]:
                yield _meant(self._words.before, word)
            elif match["after"]:
                yield _meant(self._words.after, word)
            else:
                yield word


@cache
def sum_words(language: str) -> SumWords | None:
    """The words of `language`, None where there are none. Raises `ConfigError`."""
    folder = own_folder(language)
    path = folder / "reckoning.yaml" if folder else None
    if path is None or not path.is_file():
        return None
    try:
        return SumWords.model_validate(load_yaml(path))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{path}: {place}: {first['msg']}. Correct this file.") from error


def _choice(words: Mapping[str, str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


def _meant(words: Mapping[str, str], said: str) -> str:
    return next(meant for form, meant in words.items() if re.fullmatch(form, said))


def _sum_of(match: re.Match[str]) -> str:
    return _plain(Fraction(match[1]) + Fraction(match[2]))


def _product_of(scales: Mapping[str, int]) -> Callable[[re.Match[str]], str]:
    return lambda match: _plain(Fraction(match[1]) * scales[match[2]])


def _plain(number: Fraction) -> str:
    """In digits, with its decimals where they end."""
    return f"{float(number):.15g}" if number.denominator in {2, 4, 5, 8, 10} else str(number)
