"""`assistant timers`, `alarms`, `reminders`, `lists`: what the running one is to remember."""

from __future__ import annotations

import argparse
import asyncio
import re
from collections.abc import Callable, Sequence
from typing import Any

from assistant.config import Settings
from assistant.errors import AssistantError

_UNITS = {"d": 86_400, "h": 3600, "m": 60, "min": 60, "s": 1, "": 60}
_TIME = re.compile(r"(\d{1,2})[:.](\d{2})")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WORDS = {"weekdays": _DAYS[:5], "weekends": _DAYS[5:], "daily": _DAYS}

_ABOUT = {
    "timers": (
        "Show, start and change the running assistant's timers.",
        """examples:
  assistant timers                        all of them, with their ids
  assistant timers start 10m --name pizza
  assistant timers start 1h30m --sound bell
  assistant timers add pizza 5m           (-- -5m takes five minutes away)
  assistant timers start --until 7:30 --room kitchen
  assistant timers change pizza 10m       ends ten minutes from now; also --sound bell
  assistant timers pause pizza            also resume, restart, cancel
  assistant timers snooze 5m              what rings now; `assistant stop` ends it
  assistant timers cancel all""",
    ),
    "alarms": (
        "Show, set and change the running assistant's alarms.",
        """examples:
  assistant alarms                        all of them, with their ids
  assistant alarms set 7:30               at the next 7:30
  assistant alarms set 7:30 --days weekdays --name work
  assistant alarms set 9:00 --date 2026-12-24
  assistant alarms set 8:00 --days mon --every other_week
  assistant alarms set 8:00 --every month --month-day 1
  assistant alarms set 7:00 --sound birds (also bell, chimes, beep, your own)
  assistant alarms change work 7:15       also --days, --every, --sound
  assistant alarms set 7:00 --light bedroom_lamp   grows bright before
  assistant alarms skip work              its next ring; also enable, disable, cancel
  assistant alarms snooze 5m              what rings now; `assistant stop` ends it""",
    ),
    "reminders": (
        "Show and set the running assistant's reminders, and show commands for later.",
        """examples:
  assistant reminders
  assistant reminders set "call mum" --in 20m
  assistant reminders set "call mum" --at 18:00 --date 2026-12-24
  assistant reminders set "water the plants" --at 18:00 --days sun
  assistant reminders set "water the roses" --at sunset --days daily
  assistant reminders cancel 1a2b3c4d     also a command for later
Commands for later are given in words:
  assistant ask "turn on the heating for two hours"
  assistant ask "turn off the fan in half an hour", or "cancel" them by their ids""",
    ),
    "lists": (
        "Show and change the running assistant's lists.",
        """examples:
  assistant lists                         all that are not empty
  assistant lists show shopping
  assistant lists add shopping milk eggs "brown bread"
  assistant lists done shopping milk      also remove
  assistant lists clear shopping --yes""",
    ),
}


def register(parser: argparse.ArgumentParser) -> None:
    """Describe the command that the parser's name ends with."""
    kind = parser.prog.rpartition(" ")[2]
    parser.description, parser.epilog = _ABOUT[kind]
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.set_defaults(run=run, kind=kind, request=lambda args: {})
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    does = parser.add_subparsers(title="what to do", metavar="DO")
    {"timers": _timers, "alarms": _alarms, "reminders": _reminders, "lists": _lists}[kind](does)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Ask it of the running assistant, and show what there is then."""
    del settings
    import json

    from assistant.control import call

    answer = asyncio.run(call({"op": args.kind, **args.request(args)}))
    if args.json:
        print(json.dumps(answer, ensure_ascii=False, indent=2))
        return 0
    lines = _LINES[args.kind](answer, getattr(args, "list", ""))
    print("\n".join(lines) or f"There are no {args.kind}.")
    return 0


def _timers(does: Any) -> None:
    start = _verb(does, "start", "start one", _started)
    start.add_argument("length", nargs="?", help="10m, 1h30m, 90s")
    start.add_argument("--until", dest="time", metavar="TIME", help="7:30, in place of a length")
    start.add_argument("--name", default="", help="what it is for")
    _sound(start)
    _room(start)
    add = _verb(does, "add", "lengthen one", lambda a: {"id": a.id, "seconds": _seconds(a.length)})
    _which(add)
    add.add_argument("length", help="5m; -5m (after --) shortens it")
    change = _verb(does, "change", "let one end then", _changed)
    _which(change)
    change.add_argument("length", nargs="?", help="10m from now")
    _sound(change)
    _snooze(does)
    for verb, what in (
        ("pause", "hold one"), ("resume", "let it run on"), ("restart", "from its full length"),
        ("cancel", "forget one"),
    ):  # fmt: skip
        _which(_verb(does, verb, what, lambda a: {"id": a.id}))


def _alarms(does: Any) -> None:
    set_ = _verb(does, "set", "set one", lambda a: {
        "name": a.name, **_when(a), **({"lights": a.lights} if a.lights else {}), **_at(a),
        **_rings_with(a),
    })  # fmt: skip
    set_.add_argument("time", help="7:30")
    set_.add_argument("--name", default="", help="what it is for")
    _sound(set_)
    set_.add_argument("--light", dest="lights", action="append", metavar="ID",
                      help="a light that grows bright before")  # fmt: skip
    _days(set_)
    _room(set_)
    _snooze(does)
    change = _verb(does, "change", "move one", lambda a: {"id": a.id, **_when(a), **_rings_with(a)})
    _which(change)
    change.add_argument("time", nargs="?", help="7:15")
    _days(change)
    _sound(change)
    for verb, what in (
        ("skip", "leave out its next ring"), ("enable", "switch one on"),
        ("disable", "switch one off"), ("cancel", "forget one"),
    ):  # fmt: skip
        _which(_verb(does, verb, what, lambda a: {"id": a.id}))


def _reminders(does: Any) -> None:
    set_ = _verb(does, "set", "set one", lambda a: {
        "text": a.text, **({"seconds": _seconds(a.length)} if a.length else _when(a)), **_at(a),
    })  # fmt: skip
    set_.add_argument("text", help="what to remind of")
    when = set_.add_mutually_exclusive_group(required=True)
    when.add_argument("--in", dest="length", metavar="LENGTH", help="20m, 2h")
    when.add_argument("--at", dest="time", metavar="TIME", help="18:00, sunrise, sunset")
    _days(set_)
    _room(set_)
    _which(_verb(does, "cancel", "forget one, or a command for later", lambda a: {"id": a.id}))


def _started(args: argparse.Namespace) -> dict[str, Any]:
    if (args.length is None) == (args.time is None):
        raise AssistantError("Say either for how long (10m) or --until when (7:30).")
    when = {"time": _time(args.time)} if args.time else {"seconds": _seconds(args.length)}
    return {**when, "name": args.name, **_at(args), **_rings_with(args)}


def _changed(args: argparse.Namespace) -> dict[str, Any]:
    if args.length is None and args.sound is None:
        raise AssistantError("Say until when (10m from now), or with which --sound.")
    length = {} if args.length is None else {"seconds": _seconds(args.length)}
    return {"id": args.id, **length, **_rings_with(args)}


def _snooze(does: Any) -> None:
    snooze = _verb(
        does, "snooze", "put off all that rings",
        lambda a: {"seconds": _seconds(a.length)} if a.length else {},
    )  # fmt: skip
    snooze.add_argument("length", nargs="?", help="9m, if none is given")


def _sound(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--sound", help="what it rings with: bell, birds, chimes, beep, your own")


def _rings_with(args: argparse.Namespace) -> dict[str, Any]:
    return {"sound": args.sound} if args.sound else {}


def _room(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--room", help="the room that it is for")


def _at(args: argparse.Namespace) -> dict[str, Any]:
    return {"area": args.room} if args.room else {}


def _lists(does: Any) -> None:
    show = does.add_parser("show", help="show one")
    show.add_argument("list", help="its name")
    for verb, what in (
        ("add", "put on"), ("done", "tick off"), ("remove", "take off"),
    ):  # fmt: skip
        parser = _verb(does, verb, what, lambda a: {"name": a.list, "items": a.items})
        parser.add_argument("list", help="its name")
        parser.add_argument("items", nargs="+", help="what")
    clear = _verb(does, "clear", "take everything off", _cleared)
    clear.add_argument("list", help="its name")
    clear.add_argument("--yes", action="store_true", help="really")


def _cleared(args: argparse.Namespace) -> dict[str, Any]:
    if not args.yes:
        raise AssistantError(f"That empties the list {args.list}. Add --yes if you mean it.")
    return {"name": args.list, "confirm": True}


def _verb(
    does: Any, verb: str, what: str, request: Callable[[argparse.Namespace], dict[str, Any]]
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = does.add_parser(verb, help=what)
    parser.set_defaults(request=lambda args: {"request": {"do": verb, **request(args)}})
    return parser


def _which(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", help='its id, its name, or "all"')


def _days(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--date", help="2026-12-24")
    parser.add_argument("--days", help="mon,wed,fri; weekdays, weekends, daily")
    parser.add_argument("--every", choices=("other_week", "month"), help="not every week")
    parser.add_argument("--month-day", type=int, metavar="N", help="with --every month: 1 to 31")


def _when(args: argparse.Namespace) -> dict[str, Any]:
    when: dict[str, Any] = {}
    if args.time in ("sunrise", "sunset"):
        when["sun"] = args.time
    elif args.time:
        when["time"] = _time(args.time)
    if args.date:
        when["date"] = args.date
    if args.days:
        days = [_WORDS.get(word, (word,)) for word in args.days.lower().split(",")]
        when["days"] = [day for some in days for day in some]
    if args.every:
        when["every"] = args.every
    if args.month_day:
        when["month_day"] = args.month_day
    return when


def _time(text: str) -> str:
    match = _TIME.fullmatch(text)
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise AssistantError(f'"{text}" is no time of day. Write it as 7:30 or 18:05.')
    return f"{int(match[1]):02}:{match[2]}"


def _seconds(text: str) -> float:
    sign, rest = (-1, text[1:]) if text.startswith("-") else (1, text)
    parts = re.findall(r"(\d+(?:\.\d+)?)\s*(d|h|min|m|s|)", rest)
    if not parts or "".join(number + unit for number, unit in parts) != rest.replace(" ", ""):
        raise AssistantError(f'"{text}" is no length. Write it as 10m, 1h30m or 90s.')
    return sign * sum(float(number) * _UNITS[unit] for number, unit in parts)


def _timer_lines(answer: dict[str, Any], only: str) -> list[str]:
    del only
    return [
        f"{t['id']}  {_clock(t['remaining_s']):>9} of {_clock(t['duration_s'])}"
        f"{'  held' if t['paused'] else ''}  {t['name']}{_sounding(t)}".rstrip()
        for t in answer["timers"]
    ]


def _alarm_lines(answer: dict[str, Any], only: str) -> list[str]:
    del only
    lines = []
    for alarm in answer["alarms"]:
        state = "" if alarm["enabled"] else "  off"
        state = "  snoozed" if alarm["snoozed"] else state
        when = f"{_moment(alarm['next_ring'])}  {_repeated(alarm)}{state}"
        lines.append(f"{alarm['id']}  {when}  {alarm['name']}{_sounding(alarm)}".rstrip())
    return lines


def _reminder_lines(answer: dict[str, Any], only: str) -> list[str]:
    del only
    lines = [
        f"{r['id']}  {_moment(r['due'])}  {_repeated(r)}  {r['text']}" for r in answer["reminders"]
    ]
    return lines + [
        f"{c['id']}  {_moment(c['due'])}  {_repeated(c)}  {', '.join(c['actions'])}"
        for c in answer["commands"]
    ]


def _list_lines(answer: dict[str, Any], only: str) -> list[str]:
    lines = []
    for name, items in answer["lists"].items():
        if items and only in ("", name):
            lines += [f"{name}:", *(f"  {item}" for item in items)]
    return lines


_LINES: dict[str, Callable[[dict[str, Any], str], Sequence[str]]] = {
    "timers": _timer_lines,
    "alarms": _alarm_lines,
    "reminders": _reminder_lines,
    "lists": _list_lines,
}


def _sounding(entry: dict[str, Any]) -> str:
    return f"  ({entry['sound']})" if entry.get("sound") else ""


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _moment(text: str) -> str:
    return text[:16].replace("T", " ")


def _repeated(entry: dict[str, Any]) -> str:
    if entry["every"] == "month":
        return f"on day {entry['month_day']} of every month"
    days = ",".join(_DAYS[day] for day in entry["days"])
    return f"every other {days}" if entry["every"] else days
