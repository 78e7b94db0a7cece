"""Skill: routines, learned by voice or written into the settings."""

from __future__ import annotations

from assistant.home.resolve import resolve
from assistant.schedule.routines import RoutineBook
from assistant.skills.context import SkillContext
from assistant.skills.expanding import DIRECT
from assistant.skills.planning import plan
from assistant.skills.targets import failed, missing, perform
from assistant.types import Action, Intent, Outcome

HANDLES = (
    "AssistantLearnRoutine", "AssistantRunRoutine", "AssistantForgetRoutine",
    "AssistantListRoutines", DIRECT,
)  # fmt: skip


async def handle(intent: Intent, ctx: SkillContext) -> Outcome:
    """Learn, forget or list routines; one that is to be run was `expanded` before, if it is known.

    Raises `ScheduleError`, `StoreError`.
    """
    if intent.name == DIRECT:
        return await _direct(intent, ctx)
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
        return failed("routine.broken", phrase=routine.phrase)
    if routine.command is None:
        return failed("routine.configured", phrase=phrase)
    if not ctx.proposing:
        book.forget(phrase)
    return Outcome("routine.forgotten", {"phrase": routine.phrase})


async def _direct(intent: Intent, ctx: SkillContext) -> Outcome:
    """A command to one device, as the home file has it."""
    service, named = str(intent.slots.get("service", "")), str(intent.slots.get("name", ""))
    domain = service.partition(".")[0]
    device = ctx.home.devices.get(named)
    if device is None:
        domains = () if domain == "homeassistant" else (domain,)
        found = resolve(ctx.home, {"name": named}, domains=domains, preferred_area=ctx.area)
        if len(found.devices) != 1:
            return missing(Intent(intent.name, {"name": named}), ctx, found)
        [device] = found.devices
    data = {k[5:]: v for k, v in intent.slots.items() if k.startswith("data.")}
    return await perform(intent, ctx, [Action(service, device.id, data)])


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
