"""What can be said can be typed and sent too: every verb in its three ways comes to the same."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import shlex
from collections.abc import Callable
from typing import Any

import pytest
from talks import Talk

from assistant.cli.main import main
from assistant.errors import AssistantError
from assistant.presence.commands import read_object
from assistant.schedule.requests import carry_out
from assistant.schedule.shown import shown


def _nothing(talk: Talk) -> None:
    del talk


def _pizza(talk: Talk) -> None:
    talk.schedule.start_timer(600, "pizza")
    talk.clock.advance(60)


def _rings(talk: Talk) -> None:
    _pizza(talk)
    talk.clock.advance(601)
    talk.schedule.poll()


def _alarm(talk: Talk) -> None:
    talk.schedule.set_alarm(dt.time(7), days=frozenset(range(5)), name="work")


def _alarm_off(talk: Talk) -> None:
    _alarm(talk)
    talk.schedule.enable_alarm(talk.schedule.alarms()[0].id, False)


def _reminder(talk: Talk) -> None:
    talk.schedule.remind_in(600, "call mum")


def _list(talk: Talk) -> None:
    talk.schedule.lists.add("shopping", ["milk", "eggs"])


CASES: list[tuple[Callable[[Talk], None], str, str, dict[str, Any]]] = [
    (_nothing, "set a pizza timer for ten minutes", "timers start 10m --name pizza",
     {"do": "start", "seconds": 600, "name": "pizza"}),
    (_nothing, "set a timer for an hour and a half", "timers start 1h30m",
     {"do": "start", "seconds": 5400}),
    (_nothing, "set a timer until 10:30", "timers start --until 10:30",
     {"do": "start", "time": "10:30"}),
    (_pizza, "add five minutes to the pizza timer", "timers add pizza 5m",
     {"do": "add", "id": "pizza", "seconds": 300}),
    (_pizza, "take two minutes off the pizza timer", "timers add pizza -- -2m",
     {"do": "add", "id": "pizza", "seconds": -120}),
    (_pizza, "pause the pizza timer", "timers pause pizza", {"do": "pause", "id": "pizza"}),
    (_pizza, "change the pizza timer to twenty minutes", "timers change pizza 20m",
     {"do": "change", "id": "pizza", "seconds": 1200}),
    (_pizza, "restart the pizza timer", "timers restart pizza", {"do": "restart", "id": "pizza"}),
    (_pizza, "cancel the pizza timer", "timers cancel pizza", {"do": "cancel", "id": "pizza"}),
    (_pizza, "cancel all timers", "timers cancel all", {"do": "cancel", "id": "all"}),
    (_rings, "snooze for five minutes", "timers snooze 5m", {"do": "snooze", "seconds": 300}),
    (_rings, "snooze", "timers snooze", {"do": "snooze"}),
    (_rings, "start it again", "timers restart pizza", {"do": "restart", "id": "pizza"}),
    (_nothing, "set an alarm for 7 am on weekdays", "alarms set 7:00 --days weekdays",
     {"do": "set", "time": "07:00", "days": ["mon", "tue", "wed", "thu", "fri"]}),
    (_nothing, "set an alarm for 7 am every other monday",
     "alarms set 7:00 --days mon --every other_week",
     {"do": "set", "time": "07:00", "days": ["mon"], "every": "other_week"}),
    (_nothing, "set an alarm for 7 am on the first of every month",
     "alarms set 7:00 --every month --month-day 1",
     {"do": "set", "time": "07:00", "every": "month", "month_day": 1}),
    (_nothing, "wake me at seven with the lamp", "alarms set 7:00 --light lamp",
     {"do": "set", "time": "07:00", "lights": ["lamp"]}),
    (_alarm, "move my alarm to 7:15", "alarms change work 7:15",
     {"do": "change", "id": "work", "time": "07:15"}),
    (_alarm, "skip the next alarm", "alarms skip work", {"do": "skip", "id": "work"}),
    (_alarm, "disable the work alarm", "alarms disable work", {"do": "disable", "id": "work"}),
    (_alarm_off, "enable the work alarm", "alarms enable work", {"do": "enable", "id": "work"}),
    (_alarm, "cancel the work alarm", "alarms cancel work", {"do": "cancel", "id": "work"}),
    (_nothing, "remind me to call mum in twenty minutes", 'reminders set "call mum" --in 20m',
     {"do": "set", "text": "call mum", "seconds": 1200}),
    (_nothing, "remind me to call mum tomorrow at 6 pm",
     'reminders set "call mum" --at 18:00 --date 2026-11-05',
     {"do": "set", "text": "call mum", "time": "18:00", "date": "2026-11-05"}),
    (_nothing, "remind me every sunday at 6 pm to water the plants",
     'reminders set "water the plants" --at 18:00 --days sun',
     {"do": "set", "text": "water the plants", "time": "18:00", "days": ["sun"]}),
    (_nothing, "remind me to close the gate at sunset",
     'reminders set "close the gate" --at sunset',
     {"do": "set", "text": "close the gate", "sun": "sunset"}),
    (_reminder, "cancel all reminders", "reminders cancel all", {"do": "cancel", "id": "all"}),
    (_nothing, "add milk and eggs to the shopping list", "lists add shopping milk eggs",
     {"do": "add", "name": "shopping", "items": ["milk", "eggs"]}),
    (_list, "tick off milk on the shopping list", "lists done shopping milk",
     {"do": "done", "name": "shopping", "items": ["milk"]}),
    (_list, "remove the eggs from the shopping list", "lists remove shopping eggs",
     {"do": "remove", "name": "shopping", "items": ["eggs"]}),
    (_list, "clear the shopping list", "lists clear shopping --yes",
     {"do": "clear", "name": "shopping", "confirm": True}),
]  # fmt: skip


def _state(talk: Talk) -> dict[str, Any]:
    """All there is, without the ids."""
    now = talk.clock.now()
    told = {kind: shown(kind, talk.schedule, now) for kind in
            ("timers", "alarms", "reminders", "lists")}  # fmt: skip
    text = json.dumps(told)
    for entry in (*told["timers"]["timers"], *told["alarms"]["alarms"],
                  *told["reminders"]["reminders"], *told["reminders"]["commands"]):  # fmt: skip
        text = text.replace(entry["id"], "")
    state: dict[str, Any] = json.loads(text)
    return {**state, "ringing": [ring.name for ring in talk.schedule.ringing()]}


@pytest.mark.parametrize(
    ("before", "said", "line", "sent"), CASES, ids=[said for _, said, _, _ in CASES]
)
async def test_saying_typing_and_sending_come_to_the_same(
    before: Callable[[Talk], None],
    said: str,
    line: str,
    sent: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spoken, typed, published = Talk(), Talk(), Talk()
    for talk in (spoken, typed, published):
        before(talk)
    untouched = _state(spoken)
    turn = await spoken.say(said)
    if turn.question:
        turn = await spoken.say("yes")
    assert not turn.failed, turn.reply

    async def call(request: dict[str, Any]) -> dict[str, Any]:
        carry_out(typed.schedule, request["op"], request["request"])
        return shown(request["op"], typed.schedule, typed.clock.now())

    monkeypatch.setattr("assistant.control.call", call)
    assert await asyncio.to_thread(main, shlex.split(line)) == 0
    payload = json.dumps(sent).encode()
    carry_out(published.schedule, line.split(maxsplit=1)[0], read_object(payload))
    assert _state(spoken) == _state(typed) == _state(published)
    assert _state(spoken) != untouched


@pytest.mark.parametrize(
    ("said", "line", "kind", "sent"),
    [
        ("set a timer for minus five minutes", "timers start -- -5m", "timers",
         {"do": "start", "seconds": -300}),
        ("set a timer for zero seconds", "timers start 0s", "timers",
         {"do": "start", "seconds": 0}),
        ("set a timer for a thousand years", "timers start 365000d", "timers",
         {"do": "start", "seconds": 3.15e10}),
        ("set an alarm for 25 o'clock", "alarms set 25:00", "alarms",
         {"do": "set", "time": "25:00"}),
        ("set an alarm for 7 am on the 31st of february", "alarms set 7:00 --date 2027-02-31",
         "alarms", {"do": "set", "time": "07:00", "date": "2027-02-31"}),
        ("remind me to call mum minus five minutes from now", "reminders set mum --in -5m",
         "reminders", {"do": "set", "text": "mum", "seconds": -300}),
        ("remind me to call mum on the 31st of february at 6", "reminders set mum --at 26:00",
         "reminders", {"do": "set", "text": "mum", "time": "26:00"}),
        ("set a timer for infinity minutes", "timers start infm", "timers",
         {"do": "start", "seconds": "inf"}),
        ("snooze for five minutes", "timers snooze 5m", "timers", {"do": "snooze"}),
    ],
)  # fmt: skip
async def test_what_makes_no_sense_is_refused_in_words_in_every_way(
    said: str,
    line: str,
    kind: str,
    sent: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    talk = Talk()
    turn = await talk.say(said)
    assert turn.failed or turn.question, turn.reply
    assert turn.reply

    async def call(request: dict[str, Any]) -> dict[str, Any]:
        carry_out(talk.schedule, request["op"], request["request"])
        raise AssertionError("it was taken")

    monkeypatch.setattr("assistant.control.call", call)
    assert await asyncio.to_thread(_run, line.split()) != 0
    told = capsys.readouterr().err
    assert told
    assert "Traceback" not in told
    with pytest.raises(AssistantError):
        carry_out(talk.schedule, kind, sent)
    assert not (talk.schedule.timers() or talk.schedule.alarms() or talk.schedule.reminders())


def _run(line: list[str]) -> int:
    try:
        return main(line)
    except SystemExit as refused:  # argparse
        return int(str(refused.code))


@pytest.mark.parametrize(
    "said",
    ["set a timer for five minutes", "wake me at seven", "remind me at six to call mum",
     "turn off the fan in ten minutes", "add milk to the shopping list",
     "when I say movie time turn off the lamp"],
)  # fmt: skip
async def test_what_the_disk_does_not_take_is_said_and_is_not_there(said: str) -> None:
    """A full disk and a database made read-only are the same to whoever speaks."""
    talk = Talk()
    talk.schedule._database.rows("PRAGMA query_only = ON")
    before = _state(talk)
    turn = await talk.say(said)
    assert turn.failed
    assert turn.reply == "I could not save that. The disk may be full."
    assert _state(talk) == before
    talk.schedule._database.rows("PRAGMA query_only = OFF")
    turn = await talk.say(said)
    assert not turn.failed, turn.reply
