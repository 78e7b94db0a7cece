"""What must come of a sentence, as `said/FORMAT.md` writes it, beside what came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from manual_clock import BERLIN

from assistant.schedule.recurrence import Rule
from assistant.schedule.schedule import Schedule
from assistant.types import Action

START = dt.datetime(2026, 11, 4, 10, 0, tzinfo=BERLIN)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SAME = {("climate", "turn_off"): ("climate.set_hvac_mode", {"hvac_mode": "off"})}


def unmatched(actions: Sequence[Action], wanted: Sequence[str]) -> list[Action]:
    """Those of `actions` that none of the commands `wanted` stands for."""
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


def alarm_of(
    words: Sequence[str],
) -> tuple[dt.time, dt.date | None, frozenset[int], str]:
    """What comes of "07:30 mon,tue gym": time, date, days, name."""
    time, *rest = words
    date, days = None, frozenset[int]()
    if rest and rest[0][:4].isdigit():
        date = dt.date.fromisoformat(rest.pop(0))
    elif rest and set(rest[0].split(",")) <= set(DAYS):
        days = frozenset(DAYS.index(day) for day in rest.pop(0).split(","))
    return dt.time.fromisoformat(time), date, days, " ".join(rest)


def dated(
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
    return alarm_of(words)


def list_of(words: Sequence[str]) -> tuple[str, list[str]]:
    """What comes of "shopping + milk, eggs"."""
    name, _, items = " ".join(words).partition(" + ")
    return name, [item.strip() for item in items.split(",")]


def _days(days: frozenset[int]) -> str:
    return ",".join(DAYS[day] for day in sorted(days))


def kept_in(schedule: Schedule) -> dict[str, str]:
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


def changes_between(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """What `set` says of the change from one `kept_in` to another."""
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


def unlike(changes: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """Those of `changes` that none of `wanted` stands for."""
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
        told, said = dated(change.split()[1:]), dated(rest)
        service, device, *fields = told[3].split()
        data = dict(field.partition("=")[::2] for field in fields)
        return told[:3] == said[:3] and _fits(Action(service, device, data), said[3])
    if kind != "alarm" or not change.startswith("alarm"):
        return False
    time, date, days, name = alarm_of(rest)
    told, told_date, told_days, told_name = alarm_of(change.split()[1:])
    if (time, days, name.casefold()) != (told, told_days, told_name.casefold()):
        return False
    if date is None and not days:
        soon = START.replace(hour=time.hour, minute=time.minute)
        date = (soon if soon > START else soon + dt.timedelta(days=1)).date()
    return date == told_date
