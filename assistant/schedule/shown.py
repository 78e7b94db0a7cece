"""Entries as plain values, for MQTT and the command line (docs/mqtt.md)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from assistant.schedule.entries import Alarm, Later, Reminder, Timer
from assistant.schedule.lists import ListBook
from assistant.schedule.recurrence import Rule
from assistant.schedule.schedule import Schedule

MOST_SHOWN = 100
"""Most entries that are told one by one on MQTT; the count is of all."""


def timers_to_json(
    timers: Sequence[Timer], now: dt.datetime, *, words: bool = True, most: int | None = None
) -> dict[str, Any]:
    """All timers, the next one first; times in ISO 8601, lengths in seconds."""

    def ends(timer: Timer) -> str | None:
        return None if timer.paused else _second(now + dt.timedelta(seconds=timer.remaining_s))

    return {
        "count": len(timers),
        "next": next((ends(timer) for timer in timers if not timer.paused), None),
        "timers": [
            {
                "id": timer.id,
                "name": timer.name if words else "",
                "area": timer.area,
                "duration_s": round(timer.duration_s),
                "remaining_s": round(timer.remaining_s),
                "paused": timer.paused,
                "sound": timer.sound,
                "ends_at": ends(timer),
            }
            for timer in timers[:most]
        ],
    }


def alarms_to_json(
    alarms: Sequence[Alarm], *, words: bool = True, most: int | None = None
) -> dict[str, Any]:
    """All alarms, the next one first; times in ISO 8601, weekdays from Monday, 0."""
    return {
        "count": len(alarms),
        "next": next((_second(a.next_ring) for a in alarms if a.enabled), None),
        "alarms": [
            {
                "id": alarm.id,
                "name": alarm.name if words else "",
                "area": alarm.area,
                "time": alarm.time.isoformat("minutes"),
                "days": sorted(alarm.days),
                "every": alarm.every,
                "month_day": alarm.month_day,
                "enabled": alarm.enabled,
                "snoozed": alarm.snoozed,
                "lights": list(alarm.lights),
                "sound": alarm.sound,
                "next_ring": _second(alarm.next_ring),
            }
            for alarm in alarms[:most]
        ],
    }


def reminders_to_json(
    reminders: Sequence[Reminder],
    laters: Sequence[Later],
    *,
    words: bool = True,
    most: int | None = None,
) -> dict[str, Any]:
    """All reminders and all commands for later, the next ones first."""
    return {
        "count": len(reminders),
        "next": _second(reminders[0].due) if reminders else None,
        "reminders": [
            {
                "id": reminder.id,
                "text": reminder.text if words else "",
                "area": reminder.area,
                "due": _second(reminder.due),
                **_rule(reminder.rule),
            }
            for reminder in reminders[:most]
        ],
        "commands": [
            {
                "id": later.id,
                "area": later.area,
                "due": _second(later.due),
                **_rule(later.rule),
                "actions": [f"{a.service} {a.device}" for a in later.command.actions],
            }
            for later in laters[:most]
        ],
    }


def lists_to_json(lists: ListBook, *, words: bool = True) -> dict[str, Any]:
    """The open entries of every list, by its name."""
    return {
        "count": sum(len(lists.items(name)) for name in lists.names()),
        "lists": {
            name: [item.text if words else "" for item in lists.items(name)]
            for name in lists.names()
        },
    }


def shown(
    kind: str, schedule: Schedule, now: dt.datetime, *, words: bool = True, most: int | None = None
) -> dict[str, Any]:
    """All "timers", "alarms", "reminders" or "lists"."""
    match kind:
        case "timers":
            return timers_to_json(schedule.timers(), now, words=words, most=most)
        case "alarms":
            return alarms_to_json(schedule.alarms(), words=words, most=most)
        case "reminders":
            return reminders_to_json(
                schedule.reminders(), schedule.commands(), words=words, most=most
            )
        case _:
            return lists_to_json(schedule.lists, words=words)


def _rule(rule: Rule | None) -> dict[str, Any]:
    rule = rule or Rule()
    return {
        "days": sorted(rule.days),
        "every": rule.every,
        "month_day": rule.month_day,
        "sun": rule.sun,
    }


def _second(moment: dt.datetime) -> str:
    """To the nearest second."""
    return (moment + dt.timedelta(milliseconds=500)).isoformat(timespec="seconds")
