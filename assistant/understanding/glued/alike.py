"""Understanding room: a thing named by what tells it from the one before.

After "左百叶窗" "右边那个" is "右边的百叶窗"; after "왼쪽 블라인드" "오른쪽 것" is
"오른쪽 블라인드".
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterator

from assistant.understanding.glued.glue import glued
from assistant.understanding.language import LanguageData
from assistant.understanding.names import HomeNames

_SHORTEST = 2


def with_names_like(
    text: str, devices: Collection[str], names: HomeNames, data: LanguageData
) -> Iterator[str]:
    """`text` with the whole name of a device that is called as one of `devices` is, in part.

    Of several spoken of one may be named so, too. A filler may stand for the part that is left
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
                filler = "|".join(
                    map(re.escape, sorted(data.dialogue.fillers, key=len, reverse=True))
                )
                meant = re.sub(rf"{re.escape(head)}(?:{filler})*", spoken, tight, count=1)
                found.setdefault(name.devices, meant)
                break
    if len(found) == 1:
        yield from found.values()


def with_the_name_there(
    text: str, devices: Collection[str], names: HomeNames, data: LanguageData
) -> Iterator[str]:
    """ "卧室吊灯也关掉" for "卧室的也关掉" after "客厅吊灯": the one that is called so there."""
    tight, known = glued(text), {glued(name.spoken) for name in names.names}
    before = {
        glued(n.spoken) for n in names.names if len(devices) == 1 and {*n.devices} == {*devices}
    }
    links, kinds = ("|".join(map(re.escape, map(glued, w))) for w in (data.links, data.kinds))
    for place in (glued(spoken) for spoken, _ in names.areas):
        of_it = re.compile(rf"{re.escape(place)}(?:{links})(?!{kinds})")
        for other, _ in names.areas if of_it.search(tight) else ():
            tails = (
                one.removeprefix(glued(other)) for one in before if one.startswith(glued(other))
            )
            yield from (of_it.sub(place + t, tight) for t in tails if t and place + t in known)


def _head(spoken: str, other: str) -> str:
    """What `spoken` begins with before what both end with; "" where they end differently."""
    pairs = zip(reversed(spoken), reversed(other), strict=False)
    shared = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
    return spoken[:-shared] if shared else ""
