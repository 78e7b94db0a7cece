"""Understanding room: the lists that a home fills: its names, its places, what can be chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from assistant.understanding.glued.glue import glued
from assistant.understanding.names import IT, MEASURED, OPTION_LISTS, STEM, HomeNames, SpokenName

if TYPE_CHECKING:
    from hassil.expression import TextChunk
    from hassil.intents import Intents, SlotList, TextSlotValue


def home_lists(intents: Intents, names: HomeNames) -> dict[str, SlotList]:
    """The lists of `intents`, and those of a home."""
    from hassil.intents import TextSlotList, TextSlotValue

    from assistant.understanding.spoken_list import SpokenList

    chunk = _chunks(tight=intents.settings.ignore_whitespace)
    options: dict[str, list[TextSlotValue]] = {name: [] for name in OPTION_LISTS}
    for name, spoken, option in names.options:
        options[name].append(TextSlotValue(chunk(spoken), option))
    for name, values in options.items():
        general = intents.slot_lists.get(name)
        if isinstance(general, TextSlotList):
            values.extend(general.values)
    lists: dict[str, SlotList] = {
        name: TextSlotList(name=name, values=values) for name, values in options.items()
    }
    for name, spoken_names in (("name", names.names), (MEASURED, names.measured)):
        lists[name] = SpokenList(name, list(_spoken(spoken_names, chunk)))
    for name, places in (("area", names.areas), ("floor", names.floors), (STEM, names.stems)):
        lists[name] = SpokenList(
            name, [TextSlotValue(chunk(said), place) for said, place in places]
        )
    return {**intents.slot_lists, **lists}


def with_standing_in(lists: dict[str, SlotList], names: HomeNames) -> dict[str, SlotList]:
    """`lists` with `IT` as a name of every kind of thing in the home."""
    from hassil.expression import TextChunk
    from hassil.intents import TextSlotList, TextSlotValue

    from assistant.understanding.spoken_list import SpokenList

    own = lists["name"]
    kinds = dict.fromkeys((name.domain, name.device_class) for name in names.names)
    if not kinds or not isinstance(own, TextSlotList):
        return lists
    more = [TextSlotValue(TextChunk(IT), IT, _context(*k), {"devices": (IT,)}) for k in kinds]
    return {**lists, "name": SpokenList("name", [*own.values, *more])}


def _chunks(*, tight: bool) -> Callable[[str], TextChunk]:
    from hassil.expression import TextChunk
    from hassil.util import normalize_text

    if tight:
        return lambda text: TextChunk(glued(normalize_text(text)))
    return lambda text: TextChunk(normalize_text(text))


def _spoken(
    names: Iterable[SpokenName], chunk: Callable[[str], TextChunk]
) -> Iterator[TextSlotValue]:
    from hassil.intents import TextSlotValue

    for name in names:
        yield TextSlotValue(
            chunk(name.spoken),
            name.canonical,
            _context(name.domain, name.device_class),
            {"devices": name.devices},
        )


@cache
def _context(domain: str, device_class: str | None) -> dict[str, str]:
    """Of all names of a kind the same, which nobody changes."""
    return {"domain": domain, "device_class": device_class} if device_class else {"domain": domain}
