"""Understanding room: more ways to say a name, in scripts without spaces between words."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from assistant.home.devices import Device
from assistant.home.model import Home
from assistant.understanding.language import LanguageData

_PARTS = frozenset({"sensor", "binary_sensor"})
_OPENINGS = frozenset({"door", "garage", "gate", "window"})


def glued_forms(device: Device, home: Home, data: LanguageData) -> Iterator[str]:
    """ "花园的水阀" for "花园水阀", "吊灯" for "厨房吊灯", "右边的百叶窗" for "右百叶窗"."""
    area = home.areas.get(device.area or "")
    places = area.names if area else ()
    for name in device.names:
        for place in places:
            rest = name.removeprefix(place).strip()
            if rest in (name, "") or rest in data.kinds:
                continue
            called = (rest, *glued_synonyms(rest, data))
            yield from (f"{place}{link}{one}" for link in data.links for one in called)
            if device.type not in _PARTS and device.device_class not in _OPENINGS:
                yield rest
        yield from glued_synonyms(name, data)
        yield from _linked_kind(name, data)


def _linked_kind(name: str, data: LanguageData) -> Iterator[str]:
    """ "门廊的灯" for "门廊灯"."""
    kind = max((k for k in data.kinds if name.endswith(k)), key=len, default="")
    rest = name.removesuffix(kind).strip()
    if kind and len(rest) > 1:
        yield from (f"{rest}{link}{kind}" for link in data.links)


def glued_synonyms(name: str, data: LanguageData) -> Iterator[str]:
    """`name` with another word for what it begins or ends with; of ends for the longest."""
    longest = max((_end(name, group) for group in data.synonyms), key=len, default="")
    for group in data.synonyms:
        if not _end(name, group) or longest in group or name.startswith(group):
            yield from _replaced(name, group)


def _end(name: str, group: tuple[str, ...]) -> str:
    if not name.endswith(group):
        return ""
    return next(word for word in _longest_first(group) if name.endswith(word))


def _replaced(name: str, group: tuple[str, ...]) -> Iterator[str]:
    """`name` with another word of `group` where it begins or ends with one."""
    if not (name.startswith(group) or name.endswith(group)):
        return
    for word in _longest_first(group):
        if name.startswith(word):
            yield from (other + name[len(word) :] for other in group if other != word)
            return
        if name.endswith(word):
            yield from (name[: -len(word)] + other for other in group if other != word)
            return


@cache
def _longest_first(group: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(group, key=len, reverse=True))


def without_quantity(name: str, data: LanguageData) -> str | None:
    """ "遥控器" for "遥控器电池": what a sensor measures, named without what it measures."""
    return next((name[: -len(q)] for q in data.quantities if name.endswith(q) and name != q), None)
