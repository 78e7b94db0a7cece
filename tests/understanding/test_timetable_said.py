"""Plays `timetable/`: what is held after each sentence about timers, alarms, reminders, lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import said_cases
import said_expectations
import yaml
from manual_clock import ManualClock

from assistant.config import SafetySettings
from assistant.conversation import Conversation
from assistant.schedule.recurrence import Rule
from assistant.schedule.schedule import Schedule
from assistant.schedule.sun import Place
from assistant.store.database import Database
from assistant.types import Action, Request, Turn
from assistant.understanding.repair.guess import Guess

_TABLES = Path(__file__).parent / "timetable"
_DAYS = said_expectations.DAYS


@pytest.mark.parametrize("file", sorted(_TABLES.glob("*.yaml")), ids=lambda path: path.stem)
async def test_after_each_sentence_that_is_held_which_was_asked_for(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = said_cases.Stage(file.stem)
    monkeypatch.setattr(stage.understanding, "guess", _no_guess)
    wrong = []
    for entry, sentences in _entries(file):
        wrong += await _played(stage, entry, sentences)
    assert not wrong, "\n" + "\n".join(wrong)


def _entries(file: Path) -> Iterator[tuple[Mapping[str, Any], list[str]]]:
    for entries in yaml.safe_load(file.read_text("utf-8")).values():
        for entry in entries:
            said = entry.get("say", [])
            for sentences in [entry["talk"]] if "talk" in entry else [[s] for s in said]:
                yield entry, sentences


async def _played(
    stage: said_cases.Stage, entry: Mapping[str, Any], sentences: list[str]
) -> list[str]:
    """What is wrong after the sentences."""
    stage.rest()
    clock = ManualClock(said_expectations.START)
    schedule = Schedule(
        Database.open(None), clock, place=Place(52.52, 13.4), own_sounds=("rooster",)
    )
    schedule.routines.write(
        {
            line.removeprefix("routine "): (Action("fan.turn_off", "fan"),)
            for line in entry.get("given", ())
            if line.startswith("routine")
        }
    )
    schedule.attend(lambda ring: None)
    for line in entry.get("given", ()):
        _arrange(schedule, line)
    schedule.poll()
    conversation = Conversation(
        understanding=stage.understanding, replies=stage.replies, home=stage.home, bus=stage,
        schedule=schedule, clock=clock, safety=SafetySettings(),
    )  # fmt: skip
    for sentence in sentences:
        turn = await conversation.ask(Request(sentence, area=entry.get("in")))
    wanted = sorted(entry.get("then", entry.get("given", ())))
    wanted = [line for line in wanted if not line.startswith("routine")]
    held = sorted(_held(schedule))
    did = [f"{action.service} {action.device}" for action in stage.sent]
    faults = _faults(entry, turn)
    if held != wanted:
        faults.append(f"holds {held} and not {wanted}")
    if did != entry.get("do", []):
        faults.append(f"did {did}")
    said = " / ".join(sentences)
    intents = [f"{i.name} {dict(i.slots)}" for i in turn.intents]
    return [f"{said}: {fault} | {turn.reply} | {intents}" for fault in faults]


def _faults(entry: Mapping[str, Any], turn: Turn) -> list[str]:
    reply = turn.reply.casefold()
    faults = [f"no {word!r}" for word in entry.get("tell", ()) if str(word).casefold() not in reply]
    faults += [f"{word!r}" for word in entry.get("not", ()) if str(word).casefold() in reply]
    if turn.question != bool(entry.get("ask")):
        faults.append("is no question" if entry.get("ask") else "is a question")
    if turn.failed != bool(entry.get("fails")):
        faults.append("failed" if turn.failed else "did not fail")
    return faults


async def _no_guess(*_: object, **__: object) -> Guess:
    """Repair by sound is tested by itself."""
    return Guess("", (), sure=False, reason="")


def _arrange(schedule: Schedule, line: str) -> None:
    kind, *words = line.split()
    marks = {word[0]: word[1:] for word in words if word[0] in "@=*"}
    held, off = "held" in words, "off" in words
    words = [word for word in words if word[0] not in "@=*" and word not in ("held", "off")]
    area, sound = marks.get("@"), marks.get("=", "")
    match kind:
        case "timer":
            name = " ".join(words[1:])
            timer = schedule.start_timer(float(words[0]), name, area, sound=sound)
            if held:
                schedule.pause_timer(timer.id)
        case "alarm":
            rule, date = _when(words[0], words[1])
            alarm = schedule.set_alarm(
                rule.time, date=date, days=rule.days, every=rule.every, month_day=rule.month_day,
                name=" ".join(words[2:]), sound=sound, lights=filter(None, [marks.get("*")]),
            )  # fmt: skip
            if off:
                schedule.enable_alarm(alarm.id, False)
        case "reminder":
            rule, date = _when(words[0], words[1])
            schedule.remind_at(rule, " ".join(words[2:]), date=date)
        case "list":
            texts = " ".join(words[1:]).split(",")
            schedule.lists.add(words[0], [text.strip() for text in texts])
        case "routine":
            pass
        case _:
            raise ValueError(line)


def _when(time: str, day: str) -> tuple[Rule, dt.date | None]:
    at = dt.time.fromisoformat(time)
    if day[:4].isdigit():
        return Rule(at), dt.date.fromisoformat(day)
    if day.endswith("."):
        return Rule(at, every="month", month_day=int(day[:-1])), None
    days, _, other = day.partition("/")
    numbers = frozenset(_DAYS.index(name) for name in days.split(","))
    return Rule(at, numbers, "other_week" if other else ""), None


def _held(schedule: Schedule) -> Iterator[str]:
    for timer in schedule.timers():
        yield _line(
            "timer", f"{timer.remaining_s:.0f}", timer.name, _mark("@", timer.area),
            _mark("=", timer.sound), "held" if timer.paused else "",
        )  # fmt: skip
    for alarm in schedule.alarms():
        rule = Rule(alarm.time, alarm.days, alarm.every, alarm.month_day)
        yield _line(
            "alarm", f"{alarm.time:%H:%M}", _day(rule, alarm.next_ring), alarm.name,
            _mark("=", alarm.sound), *(_mark("*", light) for light in alarm.lights),
            "" if alarm.enabled else "off",
        )  # fmt: skip
    for reminder in schedule.reminders():
        rule = reminder.rule or Rule()
        yield _line("reminder", f"{reminder.due:%H:%M}", _day(rule, reminder.due), reminder.text)
    for later in schedule.commands():
        rule = later.rule or Rule()
        done = ", ".join(f"{a.service} {a.device}" for a in later.command.planned())
        yield _line("later", f"{later.due:%H:%M}", _day(rule, later.due), done)
    for name in schedule.lists.names():
        if items := [item.text for item in schedule.lists.items(name)]:
            yield f"list {name} {', '.join(items)}"
    for routine in schedule.routines.all():
        if routine.origin == "learned":
            yield f"learned {routine.phrase}"


def _line(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _mark(sign: str, value: str | None) -> str:
    return f"{sign}{value}" if value else ""


def _day(rule: Rule, due: dt.datetime) -> str:
    if rule.every == "month":
        return f"{rule.month_day}."
    if rule.days:
        days = ",".join(_DAYS[day] for day in sorted(rule.days))
        return f"{days}/2" if rule.every else days
    return due.date().isoformat()
