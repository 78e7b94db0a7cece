"""Dialogue room: intents handed to their skills, one after another."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.errors import AssistantError
from assistant.home.commands.restoring import Change
from assistant.home.model import Home
from assistant.skills.context import SkillContext
from assistant.skills.expanding import ENDS
from assistant.skills.outcomes import is_held
from assistant.skills.registry import handle_intent
from assistant.types import Intent, Outcome

_LOG = logging.getLogger(__name__)
_NONE_THERE = "problems.none_there"
_KIND = frozenset({"domain", "device_class"})
_SWITCHED = frozenset({"light", "switch", "fan", "cover", "lock", "media_player"})


@dataclass(frozen=True, slots=True)
class Handled:
    """What came of intents."""

    intents: tuple[Intent, ...]
    outcomes: tuple[Outcome, ...]
    """One for each of `intents`."""
    then: tuple[Intent, ...] = ()
    """What is to end something that itself waits for an answer."""


async def handle_all(
    intents: Sequence[Intent], context: SkillContext, changes: Sequence[Change] = ()
) -> Handled:
    """Carry out `intents` in their order; `changes` grows while that is done."""
    done: list[Intent] = []
    outcomes: list[Outcome] = []
    then: list[Intent] = []
    marks: list[int] = []
    for intent in intents:
        about = context
        if intent.response == ENDS:
            of = int(str(intent.slots.get("of", 1)))
            made = tuple(changes[marks[-of] :]) if len(marks) >= of else ()
            held = any(map(is_held, outcomes[-of:]))
            if held:
                then.append(intent)
            undone = held or not context.proposing or all(o.failed for o in outcomes[-of:])
            if not made and undone:
                continue
            about = replace(context, changes=made)
        marks.append(len(changes))
        outcomes.append(await handle_one(intent, about))
        done.append(intent)
    told = _without_empty_kinds(zip(done, outcomes, strict=True))
    return Handled(tuple(i for i, _ in told), tuple(o for _, o in told), tuple(then))


def _without_empty_kinds(handled: Iterable[tuple[Intent, Outcome]]) -> list[tuple[Intent, Outcome]]:
    """Of "every curtain and blind upstairs" the curtains, where there are no blinds."""
    told = list(handled)
    done = [_but_for_kind(intent) for intent, outcome in told if not outcome.failed]
    return [
        (intent, outcome)
        for intent, outcome in told
        if outcome.reply != _NONE_THERE or _but_for_kind(intent) not in done
    ]


def _but_for_kind(intent: Intent) -> tuple[object, ...]:
    """What an intent asks for, of whatever kind of thing."""
    return intent.name, {key: value for key, value in intent.slots.items() if key not in _KIND}


def likely_intents(home: Home) -> Iterator[Intent]:
    """What is asked for most often: each device switched on, and off."""
    for device in tuple(home.devices.values()):
        if device.exposed and device.type in _SWITCHED:
            for name in ("HassTurnOn", "HassTurnOff"):
                yield Intent(name, {"name": device.name}, device_ids=(device.id,))


async def handle_one(intent: Intent, context: SkillContext) -> Outcome:
    """One of several intents; that it failed takes nothing from what the others did.

    What it set, changed or put on lists is on the disk then: it is about to be told.
    """
    saved = context.schedule.saved() if context.schedule else contextlib.nullcontext()
    try:
        async with saved:
            return replace(await handle_intent(intent, context), intent=intent)
    except AssistantError as error:
        _LOG.warning("%s failed: %s", intent.name, error)
        return Outcome(f"errors.{error.spoken}", failed=True)
