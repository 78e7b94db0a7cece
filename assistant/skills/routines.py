"""Skill: routines, learned by voice or written into the settings."""

from __future__ import annotations

from assistant.schedule.routines import RoutineBook
from assistant.skills.context import SkillContext
from assistant.skills.planning import plan
from assistant.skills.targets import failed
from assistant.types import Intent, Outcome

HANDLES = (
    "AssistantLearnRoutine", "AssistantRunRoutine", "AssistantForgetRoutine",
    "AssistantListRoutines",
)  # fmt: skip


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
