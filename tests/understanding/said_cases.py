"""Plays the sentences of `said/` to a whole conversation and says what came of each.

`python tests/understanding/said_cases.py en [topic]` lists those that went wrong; with
`--no-guess` repair by sound is left out. The format is in `said/FORMAT.md`.
"""

from __future__ import annotations

import asyncio
import functools
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2]))

from manual_clock import ManualClock
from said_expectations import (
    START,
    alarm_of,
    changes_between,
    dated,
    kept_in,
    list_of,
    unlike,
    unmatched,
)
from understandings import another

from assistant.config import SafetySettings
from assistant.conversation import Conversation
from assistant.home.commands.expectations import Refusal
from assistant.home.commands.plan import plan
from assistant.home.file.reading import HomeFile, load_home
from assistant.replies import Replies
from assistant.schedule.commands import Command
from assistant.schedule.recurrence import Rule
from assistant.schedule.schedule import Schedule
from assistant.store.database import Database
from assistant.types import Action, ActionResult, Intent, Request, Status, Turn
from assistant.understanding.repair.guess import Guess
from assistant.understanding.understanding import Understanding

SAID = Path(__file__).parent / "said"
LANGUAGES = tuple(sorted(path.stem for path in SAID.glob("*.yaml") if path.stem != "home"))
_EXPECTED = ("do", "confirm", "set", "tell", "ask", "nothing")
_FRIENDLY = ("HassRespond",)
"""A kind word for a kind word: nothing done, and nothing told of the home."""


@dataclass(frozen=True)
class Case:
    """One sentence or one dialogue."""

    topic: str
    turns: tuple[Mapping[str, Any], ...]
    given: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """What it is about, for the table: a service, "timer", "tell", "nothing", …"""
        if len(self.turns) > 1:
            return "dialogue"
        turn = self.turns[0]
        key = next(key for key in _EXPECTED if key in turn)
        if key in ("do", "confirm", "set"):
            first = turn[key][0] if turn[key] else "nothing"
            return str(first).split()[0]
        return key


@dataclass
class Verdict:
    """What came of a case."""

    case: Case
    right: bool = True
    false_action: bool = False
    """Something was done that was not asked for."""
    told: list[str] = field(default_factory=list)
    """What was said, and what came of it where it was not what had to come."""


def cases(language: str) -> list[Case]:
    """All cases of a language."""
    return cases_in(SAID / f"{language}.yaml")


def cases_in(path: Path) -> list[Case]:
    """All cases of a file."""
    content = yaml.safe_load(path.read_text("utf-8"))
    found = []
    for topic, entries in content.items():
        for entry in entries:
            turns = tuple(entry["talk"]) if "talk" in entry else (entry,)
            given = tuple(entry.get("given", ())) or tuple(turns[0].get("given", ()))
            found.append(Case(topic, turns, given))
    return found


@functools.cache
def _home_file() -> HomeFile:
    return load_home(SAID / "home.yaml")


@functools.cache
def _at_home(language: str) -> Understanding:
    return Understanding(_home_file().to_home(), language)


class Stage:
    """A home in which everything obeys at once, and a conversation in it."""

    def __init__(self, language: str, *, guess: bool = True) -> None:
        self._file = _home_file()
        self.language = language
        self.understanding = another(_at_home(language))
        self.home = self.understanding._home
        if not guess:
            self.understanding.guess = _no_guess  # type: ignore[method-assign]
        self.replies = Replies(language)
        self.connected = True
        self.sent: list[Action] = []

    async def perform(self, actions: Sequence[Action]) -> tuple[ActionResult, ...]:
        """`DeviceBus.perform`: what a device can do it has done."""
        results = []
        for action in actions:
            device = self.home.devices[action.device]
            planned = plan(device, action, self.home.state(device.id))
            if isinstance(planned, Refusal):
                results.append(ActionResult(action, Status.REFUSED, planned.reason))
                continue
            self.sent.append(action)
            self.home.update_state(device.id, planned.state)
            results.append(ActionResult(action, Status.CONFIRMED))
        return tuple(results)

    def rest(self) -> None:
        """Everything as the home file has it."""
        for device_id in self.home.devices:
            wanted = self._file.states.get(device_id, {})
            for key in set(self.home.state(device_id)) - set(wanted):
                self.home.forget_state(device_id, key)
            if dict(self.home.state(device_id)) != dict(wanted):
                self.home.update_state(device_id, wanted)
        self.sent = []

    async def play(self, case: Case) -> Verdict:
        """Say it all, and judge."""
        self.rest()
        clock = ManualClock(START)
        schedule = Schedule(Database.open(None), clock)
        verdict = Verdict(case)
        try:
            await self._arrange(schedule, case.given)
        except ValueError as error:
            return Verdict(case, right=False, told=[str(error)] * len(case.turns))
        conversation = Conversation(
            understanding=self.understanding, replies=self.replies, home=self.home, bus=self,
            schedule=schedule, clock=clock, safety=SafetySettings(),
        )  # fmt: skip
        for expected in case.turns:
            before = kept_in(schedule)
            self.sent = []
            request = Request(str(expected["say"]), area=expected.get("in"))
            turn = await conversation.ask(request)
            _judge(verdict, expected, turn, self.sent, changes_between(before, kept_in(schedule)))
        return verdict

    async def _arrange(self, schedule: Schedule, given: Sequence[str]) -> None:
        for line in given:
            kind, *rest = line.split()
            if kind == "timer":
                schedule.start_timer(float(rest[0]), " ".join(rest[1:]))
            elif line == "pause timer":
                for timer in schedule.timers():
                    schedule.pause_timer(timer.id)
            elif kind == "alarm":
                time, date, days, name = alarm_of(rest)
                schedule.set_alarm(time, date=date, days=days, name=name)
            elif kind == "reminder":
                time, date, days, text = dated(rest)
                schedule.remind_at(Rule(time, days), text, date=date)
            elif kind == "later":
                time, date, days, command = dated(rest)
                service, device, *fields = command.split()
                data = dict(field.partition("=")[::2] for field in fields)
                intent = Intent("HassTurnOff", {"name": self.home.devices[device].name})
                kept = Command.of([intent], [Action(service, device, data)])
                schedule.do_at(Rule(time, days), kept, command, date=date)
            elif kind == "list":
                name, items = list_of(rest)
                schedule.lists.add(name, items)
            else:
                raise ValueError(f"nothing can be arranged of {line!r} yet")


def _judge(
    verdict: Verdict,
    expected: Mapping[str, Any],
    turn: Turn,
    sent: Sequence[Action],
    changes: Sequence[str],
) -> None:
    wanted = [str(one) for one in expected.get("do", ())]
    kept = [str(one) for one in expected.get("set", ())]
    held = [r.action for r in turn.results if r.status is Status.AWAITING_CONFIRMATION]
    strange = unmatched(sent, wanted) or unlike(changes, kept)
    verdict.false_action |= bool(strange)
    right = not strange and len(sent) == len(wanted) and len(changes) == len(kept)
    if "confirm" in expected:
        asked = [str(one) for one in expected["confirm"]]
        right = right and turn.question and len(held) == len(asked) and not unmatched(held, asked)
    elif "ask" in expected:
        right = right and turn.question
    elif "tell" in expected:
        heard = turn.reply.casefold()
        right = right and not turn.question and not turn.failed
        right = right and all(str(word).casefold() in heard for word in expected["tell"])
    elif "nothing" in expected:
        meant = [intent for intent in turn.intents if intent.name not in _FRIENDLY]
        right = right and not turn.question and (turn.failed or not meant)
    else:
        right = right and not turn.failed
    verdict.right &= bool(right)
    done = [f"{a.service} {a.device} {dict(a.data) or ''}".strip() for a in (*sent, *held)]
    mark = " " if right else ("!" if strange else "x")
    came = "; ".join([*done, *changes])
    verdict.told.append(f"{mark} {expected['say']}  →  {came} | {turn.reply}")


def table(verdicts: Sequence[Verdict], by: str) -> list[str]:
    """Lines of a table: how many of each topic (or kind) were right, and falsely acted upon."""
    rows: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        rows.setdefault(getattr(verdict.case, by), []).append(verdict)
    rows["all"] = list(verdicts)
    lines = [f"{by:<36}{'said':>6}{'right':>7}{'%':>8}{'false':>7}"]
    for name, some in rows.items():
        right = sum(v.right for v in some)
        false = sum(v.false_action for v in some)
        lines.append(f"{name:<36}{len(some):>6}{right:>7}{100 * right / len(some):>8.1f}{false:>7}")
    return lines


async def judged(language: str, topic: str = "", *, guess: bool = True) -> list[Verdict]:
    """What came of every case of a language (of one topic)."""
    stage = Stage(language, guess=guess)
    return [await stage.play(case) for case in cases(language) if case.topic.startswith(topic)]


async def _no_guess(heard: Sequence[str], **_: object) -> Guess:
    """In the place of `Understanding.guess`."""
    return Guess("", (), False, "")


def main() -> None:
    """Print what went wrong, and the tables."""
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    guess = "--no-guess" not in sys.argv
    verdicts = asyncio.run(judged(words[0], *words[1:2], guess=guess))
    for verdict in verdicts:
        if not verdict.right:
            given = f" given {list(verdict.case.given)}" if verdict.case.given else ""
            print(f"[{verdict.case.topic}]{given}")
            for turn, told in zip(verdict.case.turns, verdict.told, strict=True):
                want = {k: v for k, v in turn.items() if k not in ("say", "given")}
                print(f"   {told}\n       wanted {want}")
    print("\n".join(["", *table(verdicts, "topic"), "", *table(verdicts, "kind")]))


if __name__ == "__main__":
    main()
