"""What a skill is handed besides the intent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from assistant.home.commands.restoring import Change
from assistant.home.model import Home
from assistant.ports import Clock
from assistant.schedule.journal import Change as KeptChange
from assistant.schedule.schedule import Schedule
from assistant.types import Action, ActionResult, Intent, Outcome
from assistant.understanding.own import OwnIntent

Understand = Callable[[str], Awaitable[tuple[Intent, ...]]]
Perform = Callable[[Sequence[Action]], Awaitable[tuple[ActionResult, ...]]]


@dataclass(frozen=True, slots=True)
class Deed:
    """What one turn has changed."""

    changes: tuple[Change, ...] = ()
    kept: tuple[KeptChange, ...] = ()
    """What was set, changed or cancelled of timers, alarms, reminders, lists…"""


@dataclass(frozen=True, slots=True)
class Loudspeaker:
    """What the assistant can be heard by."""

    area: str | None
    """Id of the area it stands in, if that is known."""


async def _handles_nothing(intent: Intent, ctx: SkillContext) -> Outcome:
    del ctx
    return Outcome("problems.not_able", {"intent": intent.name}, failed=True)


async def _understands_nothing(text: str) -> tuple[Intent, ...]:
    del text
    return ()


def _asks_nothing(actions: Sequence[Action]) -> bool:
    del actions
    return False


@dataclass(frozen=True, slots=True)
class SkillContext:
    """The world as a skill sees it during one turn.

    `perform` sends actions and waits for the devices' confirmation. It may instead answer every
    action with DRY_RUN or AWAITING_CONFIRMATION (sensitive actions, or a language model's
    proposal): a skill treats these as the result like any other and must do nothing else that
    cannot be undone when `proposing` is true.
    """

    home: Home
    perform: Perform
    clock: Clock
    schedule: Schedule | None
    language: str
    area: str | None
    """Id of the area the request came from."""
    proposing: bool = False
    own: Mapping[str, OwnIntent] = field(default_factory=dict)
    """What the user's own intents do, by name."""
    deed: Deed | None = None
    """What was done last in this conversation, if it can be remembered still."""
    loudspeaker: Loudspeaker | None = None
    """None: nothing that is said here is heard."""
    understand: Understand = _understands_nothing
    """What the templates make of a command inside another: "in an hour" and then what."""
    asks: Callable[[Sequence[Action]], bool] = _asks_nothing
    """Whether actions are not done before somebody has said yes, or the PIN."""
    handle: Callable[[Intent, SkillContext], Awaitable[Outcome]] = _handles_nothing
    """Any skill, for what a routine or a delayed command comes to; `registry.handle_intent`."""
    changes: tuple[Change, ...] = ()
    """What the intents before this one have changed, if it is to end that."""
