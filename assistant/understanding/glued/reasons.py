"""Understanding room: what is spoken of in a reason, in scripts without spaces between words.

"走廊灯太亮了，暗一点", "거실이 너무 어두워, 불 켜 줘": the clause that gives the reason names what
the request is about.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from assistant.types import Intent
from assistant.understanding.glued.glue import glued
from assistant.understanding.glued.joined import Joins, name_at

_OF_DEVICES = frozenset({"area", "domain", "device_class"})


def read_with_reason(
    request: str, reason: str, read: Callable[[str], tuple[Intent, ...]], joins: Joins
) -> tuple[Intent, ...]:
    """The intents of `request`, said beside a `reason`: of what is in the place that it names.

    Nothing where the reason speaks of one thing, and the request would be about others.
    """
    named = set(_things(glued(reason), joins))
    meant = list(_things(glued(request), joins))
    if len(named) != 1:
        return read(request)
    [thing] = named
    if meant:
        there = thing + meant[0]
        known = thing in joins.places and there in joins.devices
        return (read(glued(request).replace(meant[0], there, 1)) if known else ()) or read(request)
    kind = joins.kind.search(glued(request))
    if intents := read(_about(thing, request, kind)):
        return intents
    intents = read(request)
    others = any(i.device_ids or _OF_DEVICES & i.slots.keys() for i in intents)
    of_device = any(thing.endswith(name) for name in joins.devices)
    return () if others and (kind is None or not of_device) else intents


def _things(tight: str, joins: Joins) -> Iterator[str]:
    """What is named in a text; a device right behind a place with it: "书房台灯"."""
    start, place = 0, ""
    while start < len(tight):
        name = (name_at(tight, start, joins) or "").casefold()
        if place and name not in joins.devices:
            yield place
        if name in joins.devices:
            yield place + name
        place = name if name not in joins.devices else ""
        start += len(name or " ")
    if place:
        yield place


def _about(thing: str, request: str, kind: re.Match[str] | None) -> str:
    if kind is None:
        return f"{thing} {request}"
    named = thing if thing.endswith(kind[0]) else f"{thing}{kind[0]}"
    return f"{kind.string[: kind.start()]}{named}{kind.string[kind.end() :]}"
