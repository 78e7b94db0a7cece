"""Skills: what of an outcome waits for an answer, and what to tell people who watch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.home.pin import HIDDEN
from assistant.types import ActionResult, Outcome, Status, Understood


def is_held(outcome: Outcome) -> bool:
    """Whether part of an outcome waits for an answer."""
    return any(r.status is Status.AWAITING_CONFIRMATION for r in outcome.results)


def held_outcomes(outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """The outcomes that wait for a yes, with only those results that do."""
    return tuple(
        replace(
            outcome,
            results=tuple(r for r in outcome.results if r.status is Status.AWAITING_CONFIRMATION),
        )
        for outcome in outcomes
        if is_held(outcome)
    )


def without_held(outcome: Outcome) -> Outcome | None:
    """The part of an outcome to speak of now; None when all of it waits for a yes."""
    if not is_held(outcome):
        return outcome
    done = tuple(r for r in outcome.results if r.status is not Status.AWAITING_CONFIRMATION)
    return replace(outcome, results=done, said="") if done else None


def discreet(result: ActionResult) -> ActionResult:
    """The result without the code that a user's own intent gives a device."""
    if "code" not in result.action.data:
        return result
    data = {**result.action.data, "code": HIDDEN}
    return replace(result, action=replace(result.action, data=data))


def summary(results: Sequence[ActionResult]) -> str:
    """What became of each action, for people who watch."""
    return ", ".join(
        f"{r.action.service} {r.action.device}: {r.status.replace('_', ' ')}" for r in results
    )


def describe(understood: Understood) -> str:
    """What was understood, for people: "HassTurnOn name=Kitchen lights"."""
    if understood.answer:
        return "a question"
    parts = []
    for intent in understood.intents:
        slots = " ".join(f"{key}={value}" for key, value in intent.slots.items())
        parts.append(f"{intent.name} {slots}".strip())
    return ", ".join(parts) or "nothing"
