"""Understanding room: what leans on something said before, one part of it or two.

"Off again and the fan too": each part is read by itself, the second after the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice

from assistant.types import Intent
from assistant.understanding.compound import without_repeats
from assistant.understanding.turns.context import InContext, Reader
from assistant.understanding.turns.merging import Topic

_MOST_JOINTS = 2
_STOPS = "HassStopMoving"
"""Said before what is wanted instead: "stop, only half way"."""


def leaning(
    text: str,
    topics: Sequence[Topic],
    context: InContext,
    reader: Reader,
    separator: re.Pattern[str] | None,
) -> tuple[Intent, ...]:
    """What `text` means after `topics`, newest first; `separator` may join two such texts.

    Nothing where it leans on none of them.
    """
    whole = context.read(text, topics, reader)
    if whole and all(intent.response != "here_unknown" for intent in whole):
        return whole
    both = _both(text, topics, context, reader, separator) if separator is not None else ()
    return both or whole


def _both(
    text: str,
    topics: Sequence[Topic],
    context: InContext,
    reader: Reader,
    separator: re.Pattern[str],
) -> tuple[Intent, ...]:
    joints = list(islice(separator.finditer(text), _MOST_JOINTS))
    for joint in joints:  # "and the reading lamp then on" is one request
        if joint[0].replace(" ", "").isalpha():
            one = f"{text[: joint.start()]} {text[joint.end() :]}"
            if whole := context.read(one, topics, reader):
                return whole
    for joint in joints:
        first = context.read(text[: joint.start()], topics, reader)
        if not first:
            continue
        now = Topic(first, first[-1].device_ids or topics[0].devices)
        if last := context.read(text[joint.end() :], (now, *topics), reader):
            stops = all(intent.name == _STOPS for intent in first)
            return last if stops else without_repeats((*first, *last))
    return ()


def leaning_on_names(
    forms: Iterable[str], topics: Sequence[Topic], context: InContext, reader: Reader
) -> tuple[Intent, ...]:
    """What the first of `forms` means after `topics`: they name what was left out, or only that."""
    for form in forms:
        if meant := context.read(form, topics, reader) or reader.whole(form):
            return meant
    return ()
