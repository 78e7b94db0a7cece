"""Skill: shopping, to-do and other lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from assistant.errors import StoreError
from assistant.ports import DeviceBus
from assistant.schedule.lists import SHOPPING, TO_DO, Item, ListBook, list_key
from assistant.schedule.schedule import Schedule
from assistant.skills.context import SkillContext
from assistant.skills.targets import failed
from assistant.types import Action, ActionResult, Intent, Outcome, Status
from assistant.understanding.language import language_data

HANDLES = (
    "HassShoppingListAddItem", "HassListAddItem", "HassShoppingListCompleteItem",
    "HassListCompleteItem", "AssistantListRemoveItem", "AssistantReadList", "AssistantClearList",
)  # fmt: skip

CLEAR = "list.clear"
"""The service that clears the list whose name stands in the place of a device."""

_MARKS = r"\s*[,;，、；]\s*"


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """Add, tick off, remove, read, clear. Raises `ScheduleError` and `StoreError`."""
    if ctx.schedule is None:
        return failed("timer.none_possible")
    lists = ctx.schedule.lists
    shopping = intent.name.startswith("HassShoppingList")
    name = SHOPPING if shopping else str(intent.slots.get("name", "")).strip() or SHOPPING
    if (key := list_key(name)) in (SHOPPING, TO_DO):
        name = key
    if not intent.name.endswith("AddItem") and not lists.has(name):
        return failed("list.none", of=name)
    if intent.name == "AssistantReadList":
        texts = [item.text for item in lists.items(name)]
        return Outcome("list.read" if texts else "list.empty", {"of": name, "items": texts})
    if intent.name == "AssistantClearList":
        if not lists.items(name):
            return failed("list.empty", of=name, items=[])
        return Outcome("list.cleared", {"of": name}, await ctx.perform((Action(CLEAR, name),)))
    texts = items_in(str(intent.slots.get("item", "")), ctx.language)
    if not texts:
        return failed("list.what", of=name)
    if intent.name.endswith("AddItem"):
        return _add(texts, name, lists, ctx)
    return _take(intent, texts, name, lists, ctx)


class WithLists:
    """A `DeviceBus` that clears lists too, so that they are asked about as devices are."""

    def __init__(self, bus: DeviceBus, schedule: Schedule) -> None:
        self._bus = bus
        self._schedule = schedule

    @property
    def connected(self) -> bool:
        """`DeviceBus.connected`."""
        return self._bus.connected

    async def perform(self, actions: Sequence[Action]) -> tuple[ActionResult, ...]:
        """`DeviceBus.perform`."""
        others = [action for action in actions if action.service != CLEAR]
        done = iter(await self._bus.perform(others) if others else ())
        return tuple(
            [await self._cleared(a) if a.service == CLEAR else next(done) for a in actions]
        )

    async def _cleared(self, action: Action) -> ActionResult:
        try:
            async with self._schedule.saved():
                self._schedule.lists.clear(action.device)
        except StoreError as error:
            return ActionResult(action, Status.REFUSED, str(error))
        return ActionResult(action, Status.CONFIRMED)


def items_in(text: str, language: str) -> list[str]:
    """Each of "milk, eggs and bread"."""
    data = language_data(language)
    known = {*data.conjunctions, *data.item_conjunctions}
    words = _any_of(word for word in known if not word.startswith("-"))
    endings = _any_of(word[1:] for word in known if word.startswith("-"))
    space = r"\s*" if data.ignore_whitespace else r"\s+"
    ways = [rf"{_MARKS}(?:(?:{words}){space})?" if words else _MARKS]
    ways += [rf"{space}(?:{words}){space}"] if words else []
    ways += [rf"(?<=\S)(?:{endings})\s+"] if endings else []
    text = text.strip(" .。!?！？")
    if words and not data.ignore_whitespace:  # "and bread", said after "milk"
        text = re.sub(rf"^(?:{words}){space}", "", text, flags=re.IGNORECASE)
    parts = re.split("|".join(ways), text, flags=re.IGNORECASE)
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _add(texts: list[str], name: str, lists: ListBook, ctx: SkillContext) -> Outcome:
    told: dict[str, object] = {"of": name, "items": texts}
    if ctx.proposing:
        return Outcome("list.would_add", told)
    added = lists.add(name, texts)
    return Outcome("list.added" if added else "list.there", told)


def _take(
    intent: Intent, texts: list[str], name: str, lists: ListBook, ctx: SkillContext
) -> Outcome:
    found: list[Item] = []
    for text in texts:
        item = lists.meant(name, text)
        if item is None:
            return failed("list.no_such", of=name, item=text)
        found.append(item)
    ticks = intent.name.endswith("CompleteItem")
    if not ctx.proposing:
        if ticks:
            for item in found:
                lists.tick(item.id)
        else:
            lists.cancel(*(item.id for item in found))
    told: dict[str, object] = {"of": name, "items": [item.text for item in found]}
    return Outcome("list.ticked" if ticks else "list.removed", told)
