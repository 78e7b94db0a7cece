"""Evaluation room: what came of a request, and how far that is what was expected.

**Exact match**: what came is, wholly, one of the outcomes that the case holds right.
- `do`: just these commands were given, without asking;
- `confirm`: just these are asked about ("Should I unlock the house door?"), and nothing was done;
- `tell`: all words are in the reply, and nothing was done or asked;
- `ask`: a question back that proposes no command, and nothing was done;
- `chat`: an answer, nothing done, nothing told of the home;
- `nothing`: nothing done, nothing asked, nothing told of the home. A word or two of conversation
  is no harm.

**Asked rightly**: a case of `do` for which just the right commands are proposed ("Should I turn on
the reading lamp?"). It was understood, by an assistant that asks before it acts; it is counted in a
column of its own, and as an exact match only with `asked_counts`.
"Did you mean …?" proposes what a yes to it leads to.

**False action**: something was done, unasked, that belongs to no right outcome. **Asked wrongly**:
something was proposed that belongs to none, or a question was put where neither one nor a command
is right.

**Intent, device, value**: parts of the same, whether done or proposed. Intent: the kind of outcome
is right and, for commands, the services are. Device (cases that a command can be right for): the
devices are. Value (cases that want one, a brightness, a temperature): they are, for the right
devices.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.evaluation.cases import Case, Expected, Kind
from assistant.evaluation.commands import Aspect, Command, Wanted, among, fits, plain
from assistant.home.model import Home
from assistant.skills import alarms, announcements, delays, lists, reminders, routines, timers, undo
from assistant.types import Status, Tier, Turn

_NOT_DONE = (Status.REFUSED, Status.UNAVAILABLE, Status.AWAITING_CONFIRMATION)
_COMMANDED = (Kind.DO, Kind.CONFIRM)
_ASKING = (*_COMMANDED, Kind.ASK)
_TELLING = frozenset(
    {
        "HassGetState", "HassClimateGetTemperature", "HassGetCurrentTime", "HassGetCurrentDate",
        "HassTimerStatus", "AssistantTimerLength", "AssistantReadList", "AssistantListAlarms",
        "AssistantListReminders", "AssistantListDelays", "AssistantListRoutines",
    }
)  # fmt: skip
_KEEPING = (
    frozenset(
        name
        for skill in (alarms, announcements, delays, lists, reminders, routines, timers, undo)
        for name in skill.HANDLES
    )
    - _TELLING
)
"""What changes something that is no device."""


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a request."""

    kind: Kind
    done: tuple[Command, ...] = ()
    asked: tuple[Command, ...] = ()
    """Proposed, and waiting for a yes."""
    other: tuple[str, ...] = ()
    """Intents that did something else than command a device: a timer, a list."""
    reply: str = ""
    tier: Tier | None = None
    language: str = ""

    @property
    def commands(self) -> tuple[Command, ...]:
        """Those done and those proposed."""
        return self.done + self.asked

    def __str__(self) -> str:
        done = [*map(str, self.done), *self.other, *(f"{command}?" for command in self.asked)]
        return f"{self.kind}: {'; '.join(done) or self.reply or '-'}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far what came is right; the terms are this module's."""

    case: Case
    came: Came
    exact: bool
    asked_rightly: bool
    false_action: bool
    asked_wrongly: bool
    intent: bool
    device: bool | None
    """None where no command can be right."""
    value: bool | None
    """None where no value is wanted."""

    def right(self, asked_counts: bool) -> bool:
        """Whether it counts as an exact match."""
        return self.exact or (asked_counts and self.asked_rightly)


def is_guess(turn: Turn) -> bool:
    """Whether it only asks if another sentence was meant: what it proposes comes after a yes."""
    return turn.tier is Tier.REPAIR and turn.question and not turn.results


def what_came(turn: Turn, home: Home, agreed: Turn | None = None) -> Came:
    """What came of the request that `turn` answers; `agreed` is what a yes to its guess led to."""
    done = [plain(r.action, home) for r in turn.results if r.status not in _NOT_DONE]
    held = [r.action for r in turn.results if r.status is Status.AWAITING_CONFIRMATION]
    held += [result.action for result in agreed.results] if agreed is not None else []
    asked = [plain(action, home) for action in held]
    names = [intent.name for intent in turn.intents]
    told = any(name in _TELLING for name in names) and not turn.failed
    idle = turn.failed or turn.question or bool(turn.results)
    other = () if idle else tuple(name for name in names if name in _KEEPING)
    came_done = tuple(command for command in done if command is not None)
    came_asked = tuple(command for command in asked if command is not None)
    if came_done or other:
        kind = Kind.DO
    elif held:
        kind = Kind.CONFIRM
    elif turn.question:
        kind = Kind.ASK
    elif told:
        kind = Kind.TELL
    elif turn.failed or turn.results or not turn.reply or "HassNevermind" in names:
        kind = Kind.NOTHING
    else:
        kind = Kind.CHAT
    return Came(kind, came_done, came_asked, other, turn.reply, turn.tier, turn.language)


def judge(case: Case, came: Came) -> Verdict:
    """How far `came` is what `case` expects."""
    exact = any(_is_exact(one, came) for one in case.expected)
    doing = [one for one in case.expected if one.kind is Kind.DO]
    commanding = [one for one in case.expected if one.kind in _COMMANDED]
    if exact and not came.commands:
        commanding = []
    pure = not came.other
    asked_rightly = not exact and bool(came.asked) and pure
    asked_rightly = asked_rightly and _some(doing, came.commands, Wanted.fits)
    allowed = pure and (not came.done or any(among(came.done, one.commands) for one in doing))
    proposed = not came.asked or any(among(came.asked, one.commands) for one in commanding)
    asks = came.kind is not Kind.ASK or any(one.kind in _ASKING for one in case.expected)
    services = _some(commanding, came.commands, Wanted.has_service)
    acted = came.kind in _COMMANDED
    valued = [one for one in commanding if any(wanted.valued for wanted in one.commands)]
    return Verdict(
        case, came, exact, asked_rightly,
        false_action=not allowed,
        asked_wrongly=not (proposed and asks),
        intent=services if acted else any(_is_kind(one, came) for one in case.expected),
        device=_some(commanding, came.commands, Wanted.has_device) if commanding else None,
        value=_some(valued, came.commands, Wanted.has_values) if valued else None,
    )  # fmt: skip


def _some(expected: Sequence[Expected], commands: Sequence[Command], aspect: Aspect) -> bool:
    return any(fits(commands, one.commands, aspect) for one in expected)


def _is_exact(expected: Expected, came: Came) -> bool:
    if expected.kind is Kind.DO:
        return not came.asked and not came.other and fits(came.done, expected.commands, Wanted.fits)
    if expected.kind is Kind.CONFIRM:
        done = came.done or came.other
        return not done and fits(came.asked, expected.commands, Wanted.fits)
    if expected.kind is Kind.TELL:
        return _is_kind(expected, came) and all(_says(came.reply, w) for w in expected.words)
    return _is_kind(expected, came)


def _is_kind(expected: Expected, came: Came) -> bool:
    """Whether it is of that kind: a talking answer may tell of the home, and does nothing."""
    talking = expected.kind in (Kind.TELL, Kind.NOTHING) and came.kind is Kind.CHAT
    return came.kind is expected.kind or talking


def _says(reply: str, words: str) -> bool:
    """Whether one of "off|closed*" is in the reply as a whole word, or with * as its beginning."""
    for word in words.split("|"):
        end = "" if word.endswith("*") else r"(?![\w]|\.\d)"
        if re.search(rf"(?<![\w.]){re.escape(word.rstrip('*'))}{end}", reply, re.IGNORECASE):
            return True
    return False
