"""What a program may ask of the schedule, by the control socket or MQTT: checked, then done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.errors import ScheduleError
from assistant.schedule.entries import MAX_NAME, MAX_TEXT, SNOOZE_S
from assistant.schedule.recurrence import Rule
from assistant.schedule.schedule import Schedule

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_Id = Annotated[str, Field(min_length=1, max_length=MAX_NAME)]
_Sound = Annotated[str, Field(max_length=MAX_NAME)]
_Seconds = Annotated[float, Field(allow_inf_nan=False)]


class RequestError(ScheduleError):
    """A request that makes no sense; says what was expected."""


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    area: Annotated[str, Field(max_length=MAX_NAME)] | None = None
    """Room by id or name, where it rings; None: this one."""


class _When(_Request):
    time: dt.time | None = None
    date: dt.date | None = None
    days: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = ()
    every: Literal["", "other_week", "month"] = ""
    month_day: int = Field(0, ge=0, le=31)
    sun: Literal["", "sunrise", "sunset"] = ""
    sun_offset_min: int = 0

    def rule(self) -> Rule:
        """Raises `RequestError` without a time."""
        if self.time is None and not self.sun:
            raise RequestError("say at what time: 07:30")
        days = frozenset(_DAYS.index(day) for day in self.days)
        return Rule(
            self.time or dt.time(), days, self.every, self.month_day, self.sun, self.sun_offset_min
        )


class TimerRequest(_Request):
    """`start` with `seconds` or a `time`, `snooze` with `seconds` for all that rings, or one of
    the others with the `id` of a timer, or `all`."""

    do: Literal["start", "cancel", "pause", "resume", "add", "change", "restart", "snooze"]
    id: _Id = ""
    seconds: _Seconds = 0.0
    time: dt.time | None = None
    name: Annotated[str, Field(max_length=MAX_NAME)] = ""
    sound: _Sound = ""
    """What one that is started, or changed, rings with; empty: what is usual."""

    def carry_out(self, schedule: Schedule, area: str | None = None) -> None:
        """Raises `ScheduleError`, `StoreError`."""
        if self.do == "start":
            seconds = self.seconds if self.time is None else schedule.seconds_until(self.time)
            schedule.start_timer(seconds, self.name, area, sound=self.sound)
            return
        if self.do == "snooze":
            _snooze(schedule, self.seconds)
            return
        timers = (*schedule.timers(), *schedule.ringing_timers())
        ids = [t.id for t in timers if self.id in (t.id, t.name, "all")]
        if not ids:
            raise RequestError("there is no such timer: give its id, its name, or all")
        with schedule.all_or_nothing():
            if self.do == "change" and self.sound:
                schedule.set_sound(self.sound, *ids)
                if not self.seconds:
                    return
            for timer_id in ids:
                self._change(schedule, timer_id)

    def _change(self, schedule: Schedule, timer_id: str) -> None:
        match self.do:
            case "pause":
                schedule.pause_timer(timer_id)
            case "resume":
                schedule.resume_timer(timer_id)
            case "add":
                schedule.add_to_timer(timer_id, self.seconds)
            case "change":
                schedule.change_timer(timer_id, self.seconds)
            case "restart":
                schedule.restart_timer(timer_id)
            case _:
                schedule.cancel_timer(timer_id)


class AlarmRequest(_When):
    """`set` with a time and perhaps days, `change` with what is to be another, `snooze` with
    `seconds` for all that rings, or one of the others with the `id` of an alarm."""

    do: Literal["set", "change", "cancel", "skip", "enable", "disable", "snooze"]
    id: _Id = ""
    seconds: _Seconds = 0.0
    name: Annotated[str, Field(max_length=MAX_NAME)] = ""
    lights: tuple[_Id, ...] = ()
    """Ids of lights that grow bright before."""
    sound: _Sound = ""
    """What one that is set, or changed, rings with; empty: what is usual."""

    def carry_out(self, schedule: Schedule, area: str | None = None) -> None:
        """Raises `ScheduleError`, `StoreError`."""
        if self.do == "set":
            rule = self.rule()
            if rule.sun:
                raise RequestError("an alarm is for a time of day: 07:30")
            schedule.set_alarm(
                rule.time, date=self.date, days=rule.days, name=self.name, area=area,
                every=rule.every, month_day=rule.month_day, lights=self.lights, sound=self.sound,
            )  # fmt: skip
            return
        if self.do == "snooze":
            _snooze(schedule, self.seconds)
            return
        ids = [a.id for a in schedule.alarms() if self.id in (a.id, a.name, "all")]
        if not ids:
            raise RequestError("there is no such alarm: give its id, its name, or all")
        with schedule.all_or_nothing():
            for alarm_id in ids:
                self._change(schedule, alarm_id)

    def _change(self, schedule: Schedule, alarm_id: str) -> None:
        match self.do:
            case "change":
                self._move(schedule, alarm_id)
            case "skip":
                schedule.skip_alarm(alarm_id)
            case "enable" | "disable":
                schedule.enable_alarm(alarm_id, self.do == "enable")
            case _:
                schedule.cancel_alarm(alarm_id)

    def _move(self, schedule: Schedule, alarm_id: str) -> None:
        if self.name or self.lights or self.sun:
            raise RequestError("an alarm's time, days and sound can be changed: set another one")
        moved = self.time or self.date or self.days or self.every
        if not (moved or self.sound):
            raise RequestError("say what to change: a time (07:30), days, or a sound")
        if self.sound:
            schedule.set_sound(self.sound, alarm_id)
        if moved:
            days = frozenset(_DAYS.index(day) for day in self.days) or None
            schedule.change_alarm(
                alarm_id, self.time, date=self.date, days=days, every=self.every,
                month_day=self.month_day,
            )  # fmt: skip


class ReminderRequest(_When):
    """`set` with `text` and `seconds` or a time, or `cancel` with the `id` of a reminder, or of a
    command for later."""

    do: Literal["set", "cancel"]
    id: _Id = ""
    text: Annotated[str, Field(max_length=MAX_TEXT)] = ""
    seconds: _Seconds = 0.0

    def carry_out(self, schedule: Schedule, area: str | None = None) -> None:
        """Raises `ScheduleError`, `StoreError`."""
        if self.do == "cancel":
            ids = [r.id for r in schedule.reminders() if self.id in (r.id, "all")]
            commands = [c.id for c in schedule.commands() if self.id == c.id]
            if not ids and not commands:
                raise RequestError("there is no such reminder: give its id, or all")
            schedule.cancel_reminder(*ids, *commands)
        elif not self.text.strip():
            raise RequestError("say what to remind of")
        elif self.seconds:
            schedule.remind_in(self.seconds, self.text, area)
        else:
            schedule.remind_at(self.rule(), self.text, date=self.date, area=area)


class ListRequest(_Request):
    """`add`, `remove` or `done` with `items` of the list `name`, or `clear` with `confirm`."""

    do: Literal["add", "remove", "done", "clear"]
    name: _Id = "shopping"
    items: tuple[Annotated[str, Field(min_length=1, max_length=MAX_NAME)], ...] = ()
    confirm: bool = False
    """That all of the list may go."""

    def carry_out(self, schedule: Schedule, area: str | None = None) -> None:
        """Raises `ScheduleError`, `StoreError`."""
        del area
        lists = schedule.lists
        if self.do == "clear":
            if not self.confirm:
                raise RequestError(
                    f'that takes everything off the list {self.name}: say "confirm": true, too'
                )
            lists.clear(self.name)
        elif self.do == "add":
            lists.add(self.name, self.items)
        else:
            found = [(text, lists.meant(self.name, text)) for text in self.items]
            missing = [text for text, item in found if item is None]
            if missing:
                raise RequestError(f"not on the list {self.name}: {', '.join(missing)}")
            with schedule.all_or_nothing():
                for _, item in found:
                    if item is not None:
                        (lists.tick if self.do == "done" else lists.cancel)(item.id)


KINDS: dict[str, type[TimerRequest | AlarmRequest | ReminderRequest | ListRequest]] = {
    "timers": TimerRequest,
    "alarms": AlarmRequest,
    "reminders": ReminderRequest,
    "lists": ListRequest,
}


def _snooze(schedule: Schedule, seconds: float) -> None:
    if not schedule.sounding():
        raise RequestError("nothing is ringing")
    schedule.snooze(seconds or SNOOZE_S)


def _anywhere(area: str | None) -> str | None:
    return area


def carry_out(
    schedule: Schedule,
    kind: str,
    request: dict[str, Any],
    locate: Callable[[str | None], str | None] = _anywhere,
) -> None:
    """Do what a request of a `KINDS` says; `locate` knows the rooms' ids.

    Raises `RequestError` for one that makes no sense, else as the schedule does.
    """
    try:
        wanted = KINDS[kind].model_validate(request)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RequestError(f"{kind}: {where}: {first['msg']}") from error
    wanted.carry_out(schedule, locate(wanted.area))
    schedule.changed()
