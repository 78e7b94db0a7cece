"""Understanding room: several requests in one breath, in scripts without spaces between words.

What `compound` does word by word is done by character here: requests are cut apart at marks,
conjunctions and verbs with an ending that joins ("끄고"); names side by side ("前门和后门") share
what stands before and behind them. What was named once may be left out afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from assistant.types import Intent
from assistant.understanding.glued.glue import glued
from assistant.understanding.language import LanguageData
from assistant.understanding.names import HomeNames

Reader = Callable[[str], Intent | None]

_MOST_CUTS = 6
_MOST_READINGS = 24
_MARKS = r"(?:[;!?。，、！？；]|[,.](?!\d))"
_STATE = "HassGetState"
_GAP = re.compile(rf"\s*{_MARKS}\s*|\s+")


@dataclass(frozen=True, slots=True)
class Joins:
    """Where one language's requests, and the names of a home, may be joined."""

    cut: re.Pattern[str]
    endings: Mapping[str, str]
    """A verb that joins, and how it ends a request."""
    between: re.Pattern[str]
    """What may stand between two names; nothing at all, if both are `alike`."""
    behind_each: re.Pattern[str]
    """What stands behind the last of several names as behind each: "현관문이랑 뒷문이랑"."""
    around: re.Pattern[str]
    """What may stand behind a name that is said by itself."""
    devices: frozenset[str]
    names: frozenset[str]
    """Casefolded and glued: devices, areas and floors."""
    places: frozenset[str]
    alike: tuple[frozenset[str], ...]
    """What may stand side by side without a word between: devices, areas, floors."""
    kind: re.Pattern[str]
    """What makes a thing of a place: "的灯"."""
    longest: int
    link: re.Pattern[str]
    """What stands between a place and a thing: "的"."""
    mark: re.Pattern[str]
    pronouns: re.Pattern[str]
    """Words for what was named just before: "打开风扇，让它摇头"."""
    pointing: re.Pattern[str]
    """Words before a name that say nothing: "那个台灯"."""

    @classmethod
    def of(cls, data: LanguageData, home: HomeNames) -> Joins:
        """For the language of `data` and a home's names."""
        words = _choice(data.conjunctions)
        endings = _choice(data.joining_verbs)
        each = [word for word in data.between_names if word not in data.conjunctions]
        behind = _choice(map(glued, (*data.articles, *data.dialogue.corrects_behind)))
        devices = frozenset(glued(name.spoken.casefold()) for name in home.names)
        names = frozenset(map(glued, home.plain)) | devices
        return cls(
            re.compile(
                rf"({endings})\s+(?:(?:{words})\s*)?|\s*(?:{_MARKS}\s*)?(?:{words})\s*|\s*{_MARKS}\s*"
            ),
            data.joining_verbs,
            re.compile(rf"(?:{_choice(data.between_names)}|{_MARKS})"),
            re.compile(_choice(each)),
            re.compile(f"(?:{behind})*"),
            devices,
            names,
            names - devices,
            (
                devices,
                *(
                    frozenset(glued(spoken.casefold()) for spoken, _ in places)
                    for places in (home.areas, home.floors)
                ),
            ),
            re.compile(rf"(?:{_choice(map(glued, data.links))})?(?:{_choice(data.kinds)})"),
            max(map(len, names), default=0),
            re.compile(rf"^(?:{_choice(map(glued, data.links))})"),
            re.compile(rf"\s*{_MARKS}\s*"),
            re.compile(_choice(data.pronouns)),
            re.compile(rf"(?:{_choice(data.dialogue.demonstratives)})(?:\s*{_MARKS})?\s*"),
        )


def read_joined(text: str, read: Reader, joins: Joins) -> tuple[Intent, ...]:
    """The intents of `text` in spoken order: one, several, or none.

    Several only where every part is understood; a part left over makes nothing of the whole.
    """
    known: dict[str, Intent | None] = {}

    def once(part: str) -> Intent | None:
        part = part.strip()
        if part and part not in known:
            if len(known) >= _MOST_READINGS:
                return None
            known[part] = read(part)
        return known.get(part)

    whole = once(text)
    if whole is not None:
        return (whole,)
    for form in dict.fromkeys((text, _without_pointing(text, joins))):
        if len(joins.cut.findall(form)) <= _MOST_CUTS and (found := _parts(form, once, joins)):
            return tuple(_without_repetition(found))
    return ()


def _parts(text: str, read: Reader, joins: Joins) -> tuple[Intent, ...]:
    for form in (text, _with_the_thing_first(text, joins)):
        if form and (simple := _simple(form, read, joins)):
            return simple
    for cut in joins.cut.finditer(text):
        ended = text[: cut.start()] + joins.endings.get(cut[1] or "", "")
        first, right = _simple(ended, read, joins), text[cut.end() :]
        if not first or not right:
            continue
        completed = (_simple(f, read, joins) for f in _completed(right, ended, first[-1], joins))
        placed = name_at(glued(right), 0, joins) in joins.places
        meant = (i for i in completed if i and all(_is_of_devices(one, placed) for one in i))
        rest = next(meant, ()) if not names_any(right, joins) else ()
        rest = rest or _lit_there(right, ended, read, joins)
        rest = rest or _parts(right, read, joins) or next(meant, ())
        if rest:
            return (*first, *rest)
    return ()


def read_named_last(text: str, read: Reader, joins: Joins) -> tuple[Intent, ...]:
    """ "꺼 줘, 거실 천장등": a request, and behind it of what; never a report, "껐어, 스탠드"."""
    intents = (read(form) for form in _named_first(text, joins))
    return next(((i,) for i in intents if i is not None and i.name != _STATE), ())


def _named_first(text: str, joins: Joins) -> Iterator[str]:
    for gap in _GAP.finditer(text):
        said, rest = text[: gap.start()], glued(text[gap.end() :])
        name = name_at(rest, 0, joins) or ""
        if not name or not joins.around.fullmatch(rest, len(name)):
            continue
        if not names_any(said, joins) or (name in joins.places and not _any_name(said, joins)):
            yield f"{name} {said}"  # "拉上窗帘，卧室的"
            if joins.pronouns.search(said):
                yield joins.pronouns.sub(name, said, count=1)


def _with_the_thing_first(text: str, joins: Joins) -> str:
    """ "台灯关掉" for "台灯，关掉"; "" where no name and a mark are at the start."""
    tight = glued(text)
    names, end = _names_from(tight, 0, joins)
    if not names and (kind := joins.kind.match(tight)):
        end = kind.end()
    mark = joins.mark.match(tight, end) if end else None
    return tight[:end] + tight[mark.end() :] if mark else ""


def _without_pointing(text: str, joins: Joins) -> str:
    """ "台灯关掉" for "那个台灯关掉"."""
    tight = meant = glued(text)
    for word in reversed(list(joins.pointing.finditer(tight))):
        if name_at(tight, word.end(), joins) is not None:
            meant = tight[: word.start()] + meant[word.end() :]
    return text if meant == tight else meant


def names_any(text: str, joins: Joins) -> bool:
    """Whether anything in `text` says of what it speaks."""
    tight = glued(text)
    if joins.kind.search(tight):
        return True
    return _any_name(tight, joins)


def _simple(text: str, read: Reader, joins: Joins) -> tuple[Intent, ...]:
    """One request, or the same for several things."""
    one = read(text)
    return (one,) if one is not None else _listed(glued(text), read, joins)


def _listed(text: str, read: Reader, joins: Joins) -> tuple[Intent, ...]:
    for start in range(len(text)):
        names, end = _names_from(text, start, joins)
        if len(names) > 1:
            shared = joins.kind.search(names[-1]) if _is_place(names[0], joins) else None
            kind = len(shared[0]) if shared and names[-1].endswith(shared[0]) else 0
            for tail in dict.fromkeys((kind, 0)):
                last = names[-1][: len(names[-1]) - tail]
                before, behind = text[:start], text[end - tail :]
                found = [read(f"{before}{name}{behind}") for name in (*names[:-1], last)]
                if all(found):
                    return tuple(intent for intent in found if intent is not None)
            return ()
    return ()


def _is_place(name: str, joins: Joins) -> bool:
    return name.casefold() in joins.places


def _names_from(text: str, start: int, joins: Joins) -> tuple[list[str], int]:
    """Names side by side from `start` on, and where they end."""
    names: list[str] = []
    end = start
    while (name := name_at(text, start, joins)) is not None:
        names.append(name)
        end = start + len(name)
        between = joins.between.match(text, end)
        start = between.end() if between else end
        following = name_at(text, start, joins) or ""
        pair = {_bare(one, joins) for one in (name, following)}
        if not between and not any(pair <= group for group in joins.alike):
            break
    if len(names) > 1 and (once_more := joins.behind_each.match(text, end)):
        end = once_more.end()
    return names, end


def _bare(name: str, joins: Joins) -> str:
    """A name without what makes a thing of a place: "楼下" of "楼下的灯"."""
    kind = joins.kind.search(name)
    place = name[: kind.start()].casefold() if kind else ""
    return (
        place
        if place in joins.names and name.endswith(kind[0] if kind else "")
        else name.casefold()
    )


def name_at(text: str, start: int, joins: Joins) -> str | None:
    """The longest name at `start`, with what makes a thing of a place: "客厅的灯"."""
    for length in range(min(joins.longest, len(text) - start), 0, -1):
        name = text[start : start + length]
        if name.casefold() in joins.names:
            kind = joins.kind.match(text, start + length) if _is_place(name, joins) else None
            return name + kind[0] if kind else name
    return None


def _is_of_devices(intent: Intent, placed: bool) -> bool:
    """Whether it is clear what an intent is about; in a place that was said, if it is `placed`."""
    there = placed and not intent.slots.keys().isdisjoint(("area", "floor"))
    return bool(intent.device_ids) or bool(intent.slots.get("command")) or there


def _completed(right: str, left: str, first: Intent, joins: Joins) -> Iterator[str]:
    """`right` with what it may leave out: the thing named in `left`, or what stood before it."""
    tight = glued(left)
    if (whole := like_the_first(glued(right), tight, joins)) is not None:
        yield whole
    yield from _in_that_place(glued(right), tight, joins)
    if name := first.slots.get("name"):
        if joins.pronouns.search(right):
            yield joins.pronouns.sub(str(name), right, count=1)
        yield f"{name} {right}"
    place = next((i for i in range(len(tight)) if name_at(tight, i, joins)), 0)
    if place:
        yield f"{tight[:place]}{right}"


def like_the_first(right: str, left: str, joins: Joins) -> str | None:
    """ "右边的关上" after "左边的百叶窗" with what it is of: "右边的百叶窗关上"."""
    named = (name_at(left, start, joins) for start in range(len(left)))
    name = next((name for name in named if name is not None), "").casefold()
    if name_at(right, 0, joins) is not None:
        return None
    for end in range(min(joins.longest, len(right)), 0, -1):
        for tail in (name[start:] for start in range(1, len(name))):
            if right[:end].casefold() + tail in joins.devices:
                return f"{right[:end]}{tail}{right[end:]}"
    return None


def _in_that_place(right: str, left: str, joins: Joins) -> Iterator[str]:
    """ "卧室吊灯调到五成" for "卧室的调到五成" after something with the 吊灯 in another room."""
    place = name_at(right, 0, joins)
    if place is None or not _is_place(place, joins):
        return
    behind = joins.link.sub("", right[len(place) :], count=1)
    for name in filter(None, (name_at(left, start, joins) for start in range(len(left)))):
        for tail in (name[start:].casefold() for start in range(len(name))):
            elsewhere = any(tail.startswith(other) for other in joins.places)
            if not elsewhere and (f"{place}{tail}" in joins.devices or tail in joins.devices):
                yield f"{place}{tail}{behind}"
                return
        if (kind := joins.kind.search(name)) and kind.end() == len(name):
            yield f"{place}{kind[0]}{behind}"
            return


def _lit_there(right: str, left: str, read: Reader, joins: Joins) -> tuple[Intent, ...]:
    """ "부엌 셔터 내리고 불도 꺼 줘": lights beside a thing named with its room are there."""
    tight, rest = glued(left), glued(right)
    name = next((name for i in range(len(tight)) if (name := name_at(tight, i, joins))), "")
    places = [p for p in joins.places if name.casefold().startswith(p) and p != name.casefold()]
    if not places or not joins.kind.match(rest) or _any_name(rest, joins):
        return ()
    found = _simple(f"{max(places, key=len)} {right}", read, joins)
    return found if all(_of_lights(intent) for intent in found) else ()


def _any_name(tight: str, joins: Joins) -> bool:
    return any(name_at(tight, start, joins) for start in range(len(tight)))


def _of_lights(intent: Intent) -> bool:
    return intent.slots.get("domain") == "light" and "area" in intent.slots


def _without_repetition(intents: Iterable[Intent]) -> Iterator[Intent]:
    """ "You can turn it off now, turn it off" is one request."""
    last = None
    for intent in intents:
        what = (intent.name, dict(intent.slots), intent.device_ids)
        if what != last:
            yield intent
        last = what


def _choice(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True))) or "(?!)"
