"""A look at what the generator makes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from assistant.training.generator.examples import Pack


def shown(packs: Sequence[Pack]) -> Iterator[str]:
    """Line by line: the room, what was said, and the most right answer."""
    for pack in packs:
        yield f"--- {len(pack.home.devices)} devices in {len(pack.home.areas)} rooms"
        for example in pack.examples:
            room = pack.home.room_name(example.area) or "-"
            best = max(example.answers, key=lambda a: example.answers[a])
            more = f"   (1 of {len(example.answers)})" if len(example.answers) > 1 else ""
            yield f"{room:>16} | {example.said}  ->  {best}{more}"


def summary(packs: Sequence[Pack]) -> Iterator[str]:
    """How many there are of each outcome, and how many different sentences."""
    examples = [(pack, example) for pack in packs for example in pack.examples]
    outcomes = Counter(
        pack.home.menu.outcome(next(iter(example.answers))) or "commands"
        for pack, example in examples
    )
    for outcome, count in outcomes.most_common():
        yield f"{outcome:>10}  {count:6}  {count / len(examples):.0%}"
    different = len({example.said for _, example in examples})
    yield f"{len(examples)} requests, {different} different sentences, {len(packs)} homes"
