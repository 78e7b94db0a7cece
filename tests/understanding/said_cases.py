"""Plays the sentences of `said/` to a whole conversation and says what came of each.

`python tests/understanding/said_cases.py en [topic]` lists those that went wrong; with
`--no-guess` repair by sound is left out. The format is in `said/FORMAT.md`.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2]))

from manual_clock import BERLIN, ManualClock
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
START = dt.datetime(2026, 11, 4, 10, 0, tzinfo=BERLIN)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EXPECTED = ("do", "confirm", "set", "tell", "ask", "nothing")
_FRIENDLY = ("HassRespond",)
"""A kind word for a kind word: nothing done, and nothing told of the home."""
_SAME = {("climate", "turn_off"): ("climate.set_hvac_mode", {"hvac_mode": "off"})}


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
            before = _kept(schedule)
            self.sent = []
            request = Request(str(expected["say"]), area=expected.get("in"))
            turn = await conversation.ask(request)
            _judge(verdict, expected, turn, self.sent, _changes(before, _kept(schedule)))
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
                time, date, days, name = _alarm_of(rest)
                schedule.set_alarm(time, date=date, days=days, name=name)
            elif kind == "reminder":
                time, date, days, text = _dated(rest)
                schedule.remind_at(Rule(time, days), text, date=date)
            elif kind == "later":
                time, date, days, command = _dated(rest)
                service, device, *fields = command.split()
                data = dict(field.partition("=")[::2] for field in fields)
                intent = Intent("HassTurnOff", {"name": self.home.devices[device].name})
                kept = Command.of([intent], [Action(service, device, data)])
                schedule.do_at(Rule(time, days), kept, command, date=date)
            elif kind == "list":
                name, items = _list_of(rest)
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
    strange = _unmatched(sent, wanted) or _unlike(changes, kept)
    verdict.false_action |= bool(strange)
    right = not strange and len(sent) == len(wanted) and len(changes) == len(kept)
    if "confirm" in expected:
        asked = [str(one) for one in expected["confirm"]]
        right = right and turn.question and len(held) == len(asked) and not _unmatched(held, asked)
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


def _unmatched(actions: Sequence[Action], wanted: Sequence[str]) -> list[Action]:
    left = list(wanted)
    strange = []
    for action in actions:
        match = next((one for one in left if _fits(action, one)), None)
        if match is None:
            strange.append(action)
        else:
            left.remove(match)
    return strange


def _fits(action: Action, wanted: str) -> bool:
    service, device, *fields = wanted.split()
    service, needed = _plain(service, dict(f.partition("=")[::2] for f in fields))
    told, data = _plain(action.service, dict(action.data))
    if (told, action.device) != (service, device):
        return False
    free = [key[:-1] for key in needed if key.endswith("*")]
    fixed = {key: value for key, value in needed.items() if not key.endswith("*")}
    if any(not _equal(data.get(key), value) for key, value in fixed.items()):
        return False
    rest = [key for key in data if key not in fixed]
    if not free:
        return not rest
    return all(any(key.startswith(start) for key in data) for start in free) and bool(data)


def _plain(service: str, data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    domain, _, verb = service.partition(".")
    if (domain, verb) in _SAME:
        return _SAME[domain, verb][0], dict(_SAME[domain, verb][1])
    if domain == "fan" and verb == "turn_on" and "percentage" in data:
        service = "fan.set_percentage"
    if "volume_pct" in data:
        data = {**data, "volume_level": float(data["volume_pct"]) / 100}
        del data["volume_pct"]
    return service, data


def _equal(told: object, wanted: str) -> bool:
    try:
        return abs(float(str(told)) - float(wanted)) < 0.01
    except ValueError:
        return str(told).casefold() == wanted.casefold()


def _alarm_of(
    words: Sequence[str],
) -> tuple[dt.time, dt.date | None, frozenset[int], str]:
    time, *rest = words
    date, days = None, frozenset[int]()
    if rest and rest[0][:4].isdigit():
        date = dt.date.fromisoformat(rest.pop(0))
    elif rest and set(rest[0].split(",")) <= set(_DAYS):
        days = frozenset(_DAYS.index(day) for day in rest.pop(0).split(","))
    return dt.time.fromisoformat(time), date, days, " ".join(rest)


def _dated(
    words: Sequence[str],
) -> tuple[dt.time, dt.date | None, frozenset[int], str]:
    """What comes of "2026-11-05 18:00 call mum" and of "18:00 sun water the plants"."""
    first, second, *rest = words
    if first[:4].isdigit():
        return (
            dt.time.fromisoformat(second),
            dt.date.fromisoformat(first),
            frozenset(),
            " ".join(rest),
        )
    return _alarm_of(words)


def _list_of(words: Sequence[str]) -> tuple[str, list[str]]:
    """What comes of "shopping + milk, eggs"."""
    name, _, items = " ".join(words).partition(" + ")
    return name, [item.strip() for item in items.split(",")]


def _days(days: frozenset[int]) -> str:
    return ",".join(_DAYS[day] for day in sorted(days))


def _kept(schedule: Schedule) -> dict[str, str]:
    """All that is scheduled or kept, by id."""
    kept = {}
    for timer in schedule.timers():
        state = " paused" if timer.paused else ""
        kept[f"timer {timer.id}"] = f"timer {timer.remaining_s:.0f} {timer.name}".strip() + state
    for alarm in schedule.alarms():
        when = _days(alarm.days) or alarm.next_ring.date().isoformat()
        said = f"alarm {alarm.time:%H:%M} {when} {alarm.name}".strip()
        kept[f"alarm {alarm.id}"] = said + ("" if alarm.enabled else " off")
        if alarm.days:
            kept[f"next {alarm.id}"] = f"{alarm.next_ring}"
    for reminder in schedule.reminders():
        when = _when(reminder.due, reminder.rule)
        kept[f"reminder {reminder.id}"] = f"reminder {when} {reminder.text}"
    for later in schedule.commands():
        when = _when(later.due, later.rule)
        for action in later.command.planned():
            fields = "".join(f" {key}={value}" for key, value in action.data.items())
            key = f"later {later.id} {action.service} {action.device}"
            kept[key] = f"later {when} {action.service} {action.device}{fields}"
    for name in schedule.lists.names():
        items = [item.text for item in schedule.lists.items(name)]
        if items:
            kept[f"list {name}"] = ", ".join(items)
    for routine in schedule.routines.all():
        kept[f"routine {routine.phrase}"] = f"routine {routine.phrase}: {routine.text}"
    return kept


def _when(due: dt.datetime, rule: Rule | None) -> str:
    if rule is not None and rule.days:
        return f"{due:%H:%M} {_days(rule.days)}"
    return f"{due:%Y-%m-%d %H:%M}"


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    changes = []
    for key in before.keys() | after.keys():
        old, new, kind = before.get(key), after.get(key), key.split()[0]
        if old == new:
            continue
        if kind == "list":
            changes += _list_changes(key.removeprefix("list "), old, new)
        elif kind == "next":
            entry = f"alarm {key.split()[1]}"
            if before.get(entry) == after.get(entry):
                changes.append("skip alarm")
        elif new is None:
            changes.append(f"cancel {kind}")
        elif old is not None and new == f"{old} paused":
            changes.append("pause timer")
        elif old is not None and old == f"{new} paused":
            changes.append("resume timer")
        elif old is not None and new == f"{old} off":
            changes.append("disable alarm")
        elif old is not None and old == f"{new} off":
            changes.append("enable alarm")
        else:
            changes.append(new)
    return changes


def _list_changes(name: str, old: str | None, new: str | None) -> list[str]:
    was, there = (text.split(", ") if text else [] for text in (old, new))
    added = [item for item in there if item not in was]
    gone = [item for item in was if item not in there]
    changes = [f"list {name} + {', '.join(added)}"] if added else []
    return changes + ([f"list {name} - {', '.join(gone)}"] if gone else [])


def _unlike(changes: Sequence[str], wanted: Sequence[str]) -> list[str]:
    left = list(wanted)
    strange = []
    for change in changes:
        match = next((one for one in left if _is_change(change, one)), None)
        if match is None:
            strange.append(change)
        else:
            left.remove(match)
    return strange


def _is_change(change: str, wanted: str) -> bool:
    if change.casefold() == wanted.casefold():
        return True
    kind, *rest = wanted.split()
    if kind == "later" and change.startswith("later "):
        told, said = _dated(change.split()[1:]), _dated(rest)
        service, device, *fields = told[3].split()
        data = dict(field.partition("=")[::2] for field in fields)
        return told[:3] == said[:3] and _fits(Action(service, device, data), said[3])
    if kind != "alarm" or not change.startswith("alarm"):
        return False
    time, date, days, name = _alarm_of(rest)
    told, told_date, told_days, told_name = _alarm_of(change.split()[1:])
    if (time, days, name.casefold()) != (told, told_days, told_name.casefold()):
        return False
    if date is None and not days:
        soon = START.replace(hour=time.hour, minute=time.minute)
        date = (soon if soon > START else soon + dt.timedelta(days=1)).date()
    return date == told_date


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
