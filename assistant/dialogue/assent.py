"""A yes that says once more what was asked about: "yes, open it"."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from assistant.dialogue.open_questions import Pending
from assistant.types import Action, Intent, Request
from assistant.understanding.turns.merging import Topic
from assistant.understanding.understanding import Understanding

ComesTo = Callable[[Request, Sequence[Intent]], Awaitable[list[Action]]]
"""What would be done for intents."""


async def says_it_again(
    request: Request,
    pending: Pending,
    topics: Sequence[Topic],
    understanding: Understanding,
    comes_to: ComesTo,
) -> bool:
    """Whether a request is a yes and just what is `pending`; all else is another request."""
    again = replace(request, text=understanding.behind_yes(request.text))
    if not again.text or pending.meant:
        return False
    understood = await understanding.understand(again.text, area=request.area, topics=topics)
    asked = [result.action for outcome in pending.outcomes for result in outcome.results]
    said = await comes_to(again, understood.intents) if understood.intents else []
    return bool(said) and set(map(_what, said)) == set(map(_what, asked))


def _what(action: Action) -> tuple[object, ...]:
    return action.service, action.device, *sorted(map(str, action.data.items()))
