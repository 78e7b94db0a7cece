"""Understanding room: the free words of a request: what to be reminded of, what to buy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from assistant.types import SlotValue
from assistant.understanding.language import LanguageData

FREE_TEXTS = frozenset({"reminder", "item"})
"""Slots that may hold any words."""
AS_SAID = FREE_TEXTS | {"message"}
"""Slots whose words are no further requests; what is announced is not even tidied."""
ANNOUNCE = "HassBroadcast"
WANTED = "wanted"
"""Response of sentences that only say what has run out: they count for what homes buy."""
_MANY = "s|es|n|en|er|e"
_MOST_WORDS = 4
_MARKS = (",", "，", ";", "；", "。")


@dataclass(frozen=True, slots=True)
class FreeText:
    """Tidies one language's free texts."""

    corrections: str
    articles: re.Pattern[str]
    pronouns: frozenset[str]
    """What names nothing by itself: "put that on the list"."""
    never: re.Pattern[str] | None
    """What no thing's name contains."""
    lists: re.Pattern[str] | None
    """What says which list a thing is on."""
    goods: re.Pattern[str]
    """The end of what homes buy: "oat milk"."""
    joints: re.Pattern[str]
    """Between several things to buy."""
    never_in_goods: frozenset[str]

    @classmethod
    def of(cls, data: LanguageData) -> FreeText:
        """For the language of `data`."""
        words = sorted(data.corrections, key=len, reverse=True)
        pronouns = frozenset((*data.pronouns, *data.dialogue.demonstratives, *data.articles))
        never = re.compile("|".join(data.never_items), re.I) if data.never_items else None
        lists = re.compile("|".join(data.names_lists), re.I) if data.names_lists else None
        marks = "|".join(map(re.escape, words)) or "(?!)"
        goods = "|".join(map(re.escape, sorted(data.goods, key=len, reverse=True)))
        goods = rf"(?:.*[\s-])?\w*?(?:{goods})(?:{_MANY})?$" if goods else "(?!)"
        joints = "|".join(map(re.escape, (*data.conjunctions, *data.item_conjunctions)))
        return cls(
            marks,
            _articles_of_items(data),
            pronouns,
            never,
            lists,
            re.compile(goods, re.IGNORECASE),
            re.compile(rf"\s*,\s*(?:(?:{joints})\s+)?|\s+(?:{joints})\s+", re.IGNORECASE),
            frozenset((*data.prepositions, *data.decisive)),
        )

    def names_things(self, slots: Mapping[str, SlotValue], response: str = "") -> bool:
        """Whether what is to be bought is named: no pronoun, and no clause that goes on.

        With the response `WANTED` only what homes buy is, in a few words each.
        """
        item = str(slots.get("item", ""))
        if self.names_list(slots):
            return False
        if self.never is not None and self.never.search(item):
            return False
        if item.strip().casefold() in self.pronouns or item.rstrip().endswith(_MARKS):
            return False
        if response != WANTED:
            return True
        return all(map(self._is_good, filter(None, self.joints.split(item.strip()))))

    def names_list(self, slots: Mapping[str, SlotValue]) -> bool:
        """Whether the name of a list was taken for a part of what is on it."""
        return self.lists is not None and bool(self.lists.search(str(slots.get("item", ""))))

    def _is_good(self, thing: str) -> bool:
        words = thing.casefold().split()
        short = len(words) <= _MOST_WORDS and self.never_in_goods.isdisjoint(words)
        return short and self.goods.match(thing) is not None

    def tidy(self, slots: Mapping[str, SlotValue]) -> Mapping[str, SlotValue]:
        """`slots` with corrections carried out in them, and no articles before things to buy."""
        if not FREE_TEXTS & slots.keys():
            return slots
        meant = dict(slots)
        for name in FREE_TEXTS & slots.keys():
            meant[name] = corrected(str(slots[name]), self.corrections, easily=name == "item")
        if "item" in meant:
            meant["item"] = self.articles.sub(r"\1", str(meant["item"]))
        return meant


def corrected(text: str, corrections: str, *, easily: bool = False) -> str:
    """ "call dad, no, call mum" is "call mum", and "eggs, no, two apples" "two apples".

    `corrections` is an expression for the words between. One that stands there without a pause
    ("say no to Bob") corrects only where the sentence starts again with a word said before, or
    `easily`.
    """
    between = re.compile(rf"(?P<gap>[\s,]+)(?:{corrections})(?P<behind>[\s,]+)", re.IGNORECASE)
    while found := between.search(text):
        before, after = text[: found.start()].split(), text[found.end() :].split()
        if not before or not after:
            return text
        plain = [word.strip(",").casefold() for word in before]
        first = after[0].strip(",").casefold()
        pause = "," in found["gap"] or "," in found["behind"] or found[0].strip(" ,").count(" ") > 0
        if first in plain:
            kept = len(plain) - 1 - plain[::-1].index(first)
        elif pause or easily:
            kept = max(0, len(before) - len(after))
        else:
            return text
        text = " ".join([*before[:kept], *after])
    return text


def _articles_of_items(data: LanguageData) -> re.Pattern[str]:
    """Articles before each of several things: "the milk, some eggs and the bread"."""
    articles = "|".join(map(re.escape, sorted(data.articles, key=len, reverse=True))) or "(?!)"
    joints = "|".join(map(re.escape, sorted(data.conjunctions, key=len, reverse=True))) or "(?!)"
    between = "" if data.ignore_whitespace else r"\s+"
    behind = r"(?:(?<=[가-힣])\s+|(?<![가-힣]))" if data.ignore_whitespace else r"\s+"
    return re.compile(
        rf"(^|,\s*|{between}(?:{joints}){between})(?:(?:{articles}){behind})+(?=\S)", re.IGNORECASE
    )
