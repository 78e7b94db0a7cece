"""Understanding room: a thing named by what tells it from the one before.

After "左百叶窗" "右边那个" is "右边的百叶窗"; after "왼쪽 블라인드" "오른쪽 것" is
"오른쪽 블라인드".
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterator, Sequence

from assistant.understanding.glued.glue import glued
from assistant.understanding.names import HomeNames

_SHORTEST = 2


def with_names_like(
    text: str, devices: Collection[str], names: HomeNames, ones: Sequence[str]
) -> Iterator[str]:
    """`text` with the whole name of a device that is called as one of `devices` is, in part.

    Of several spoken of one may be named so, too. `ones` may stand for the part that is left
    out. Nothing where several might be meant.
    """
    tight = glued(text)
    before = [name for name in names.names if set(name.devices) <= set(devices)]
    kinds = {(name.domain, name.device_class) for name in before}
    tails = {glued(name.spoken) for name in before}
    found: dict[tuple[str, ...], str] = {}
    for name in names.names:
        spoken_of = len(devices) == 1 and set(name.devices) & set(devices)
        if (name.domain, name.device_class) not in kinds or spoken_of:
            continue
        spoken = glued(name.spoken)
        heads = {_head(spoken, tail) for tail in tails}
        first, _, last = name.spoken.rpartition(" ")
        if any(tail.endswith(last) and tail != spoken for tail in tails):
            heads.add(glued(first))
        for head in sorted(heads, key=len, reverse=True):
            if len(head) >= _SHORTEST and head in tight and spoken not in tight:
                filler = "|".join(map(re.escape, sorted(ones, key=len, reverse=True)))
                meant = re.sub(rf"{re.escape(head)}(?:{filler})*", spoken, tight, count=1)
                found.setdefault(name.devices, meant)
                break
    if len(found) == 1:
        yield from found.values()


def _head(spoken: str, other: str) -> str:
    """What `spoken` begins with before what both end with; "" where they end differently."""
    pairs = zip(reversed(spoken), reversed(other), strict=False)
    shared = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
    return spoken[:-shared] if shared else ""
