"""Skill: routines, learned by voice or written into the settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.schedule.routines import RoutineBook
from assistant.skills.context import SkillContext, Understand
from assistant.skills.delays import plan, spelled_out
from assistant.skills.targets import failed
from assistant.types import Intent, Outcome

HANDLES = (
    "AssistantLearnRoutine", "AssistantRunRoutine", "AssistantForgetRoutine",
    "AssistantListRoutines",
)  # fmt: skip

_DEPTH = 4


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """Learn, forget or list routines; one that is to be run was `expanded` before, if it is known.

    Raises `ScheduleError`, `StoreError`.
    """
    if ctx.schedule is None:
        return failed("timer.none_possible")
    book = ctx.schedule.routines
    if intent.name == "AssistantListRoutines":
        phrases = [routine.phrase for routine in book.all()]
        return Outcome("routine.list" if phrases else "routine.none", {"phrases": phrases})
    if intent.name == "AssistantLearnRoutine":
        return await _learn(intent, ctx, book)
    phrase = str(intent.slots.get("routine", ""))
    routine = book.named(phrase)
    if routine is None:
        return failed("routine.no_such", phrase=phrase)
    if intent.name == "AssistantRunRoutine":
        return failed("routine.not_understood", phrase=phrase)
    if routine.command is None:
        return failed("routine.configured", phrase=phrase)
    if not ctx.proposing:
        book.forget(phrase)
    return Outcome("routine.forgotten", {"phrase": routine.phrase})


async def _learn(intent: Intent, ctx: SkillContext, book: RoutineBook) -> Outcome:
    phrase = str(intent.slots.get("phrase", "")).strip()
    text = str(intent.slots.get("commands", "")).strip()
    if not phrase:
        return failed("routine.what_phrase")
    intents = await ctx.understand(text) if text else ()
    command, problem = await plan(intents, ctx)
    if command is None:
        return problem or failed("routine.not_understood", phrase=phrase)
    if any(i.name not in ("AssistantRunRoutine",) for i in await ctx.understand(phrase)):
        return failed("routine.taken", phrase=phrase)
    if not ctx.proposing:
        book.learn(phrase, text, command)
    return Outcome("routine.learned", {"phrase": phrase, "commands": text})


async def expanded(
    intents: Sequence[Intent], routines: RoutineBook, understand: Understand, depth: int = 0
) -> tuple[Intent, ...]:
    """`intents`, with routines and "for two hours" taken apart into the commands they stand for.

    What cannot be taken apart stays, for its skill to say why. Raises `ScheduleError` for a
    routine that was kept and cannot be read.
    """
    found: list[Intent] = []
    for intent in intents:
        if intent.name == "AssistantDelay":
            now = await understand(str(intent.slots.get("command", "")))
            found += spelled_out(intent, now) or (intent,)
            continue
        routine = None
        if intent.name == "AssistantRunRoutine" and depth < _DEPTH:
            routine = routines.named(str(intent.slots.get("routine", "")))
        if routine is None:
            found.append(intent)
            continue
        parts: tuple[Intent, ...] = ()
        if routine.command is not None:
            parts = routine.command.understood()
        for text in routine.commands:
            understood = await understand(text)
            if not understood:
                parts = ()
                break
            parts += understood
        parts = await expanded(parts, routines, understand, depth + 1)
        found += [replace(part, tier=intent.tier) for part in parts] or [intent]
    return tuple(found)
