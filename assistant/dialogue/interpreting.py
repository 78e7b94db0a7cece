"""Dialogue room: what was meant, by the tiers of understanding in order of cost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from assistant.dialogue.talks import Talks
from assistant.home.model import Home
from assistant.llm.tier import LanguageModelTier
from assistant.types import Intent, Request, Tier, Understood
from assistant.understanding.turns.merging import Topic
from assistant.understanding.understanding import Understanding

_SPOILED_WORDS = 2
_STOP = "AssistantStopRinging"
_STOPS_RINGING = (
    "HassNevermind", "HassCancelTimer", "AssistantCancelAlarm", "AssistantCancelReminder",
    "HassRespond",
)  # fmt: skip
_DESCRIBES = frozenset(
    {"name", "area", "start_hours", "start_minutes", "start_seconds", "hour", "day", "days",
     "month_day", "order", "reminder"}
)  # fmt: skip
"""Slots that say which timer, alarm or reminder is meant: not what rings just now."""


class Interpreter:
    """Makes intents of requests: templates, repair by sound, documents, then the language model.

    What `quote` finds in the household's own documents is an answer and never a request. `harmless`
    tells whether what a guess would bring about may be guessed. Without `templates`
    the language model has to understand everything, as evaluations want it.
    """

    def __init__(
        self,
        understanding: Understanding,
        home: Home,
        *,
        rings: Callable[[], bool],
        harmless: Callable[[Request, Sequence[Intent]], Awaitable[bool]],
        language_model: Callable[[], Awaitable[LanguageModelTier | None]] | None,
        talks: Talks,
        quote: Callable[[str], Awaitable[str]],
        templates: bool = True,
    ) -> None:
        self._understanding = understanding
        self._home = home
        self._rings = rings
        self._harmless = harmless
        self._language_model = language_model
        self._talks = talks
        self._quote = quote
        self._templates = templates

    async def understand(
        self, request: Request, topics: Sequence[Topic], began: str = ""
    ) -> Understood:
        """What `request` asks for after `topics`; while something rings, a word or two stop it.

        `began` is what was said before, where it was asked what is meant by it.
        """
        if not self._templates:
            return await self._proposed(request, began)
        rings = self._rings()
        if rings:  # "stop" is for all that rings, whatever was spoken of before
            alone = await self._words(request, (), guess_first=False)
            first = alone.intents[0] if alone.intents else None
            if first is not None and _stops(first):
                return replace(alone, intents=(replace(first, name=_STOP),))
        listens = request.weigh is not None and not rings
        understood = await self._words(request, topics, guess_first=listens)
        if rings and not understood.intents and 0 < len(request.text.split()) <= _SPOILED_WORDS:
            # a word spoiled by the noise of the ring: who speaks now wants it to stop
            return Understood((Intent(_STOP),), Tier.REPAIR)
        if understood.intents or understood.answer:
            return understood
        guessed = Understood() if listens else await self._guessed(request)
        if guessed.intents:
            return guessed
        if quoted := await self._quote(request.text):
            return Understood(tier=Tier.KNOWLEDGE, answer=quoted)
        return await self._proposed(request, began)

    async def _proposed(self, request: Request, began: str) -> Understood:
        """What the language model makes of it, where there is one."""
        if self._language_model is None or not any(map(str.isalpha, request.text)):
            return Understood()
        tier = await self._language_model()
        if tier is None:
            return Understood()
        text = f"{began}, {request.text}" if began else request.text
        talk = self._talks.of(request.conversation)
        proposed = await tier.propose(
            text, self._home, request.area, read=self._read, talk=talk,
            written=request.written or (lambda sentence: None),
        )  # fmt: skip
        if proposed.answer:
            self._talks.record(request.conversation, text, proposed.answer)
        if not proposed.intents or proposed.ask_first:
            return proposed
        return replace(proposed, ask_first=not await self._harmless(request, proposed.intents))

    def _read(self, command: str) -> tuple[Intent, ...]:
        return self._understanding.read(command, None, ()).intents

    async def _words(
        self, request: Request, topics: Sequence[Topic], *, guess_first: bool
    ) -> Understood:
        """What the templates make of the words, or else of the first alternative they accept.

        The sound, where it can be asked, knows better which of them was said: `guess_first`.
        """
        understand = self._understanding.understand
        understood = await understand(request.text, area=request.area, topics=topics)
        if guess_first and not understood.intents:
            guessed = await self._guessed(request)
            if guessed.intents:
                return guessed
        for text in request.alternatives:
            if understood.intents:
                break
            repaired = await understand(text, area=request.area, topics=topics)
            if repaired.intents and not any(i.name == "HassNevermind" for i in repaired.intents):
                intents = tuple(replace(i, tier=Tier.REPAIR) for i in repaired.intents)
                understood = replace(repaired, tier=Tier.REPAIR, intents=intents)
        return understood

    async def _guessed(self, request: Request) -> Understood:
        """What the words sound like among all that can be asked; never what could do harm."""
        heard = (request.text, *request.alternatives)
        guess = await self._understanding.guess(heard, area=request.area, weigh=request.weigh)
        if not guess.text or not await self._harmless(request, guess.intents):
            return Understood()
        intents = tuple(replace(intent, tier=Tier.REPAIR) for intent in guess.intents)
        return Understood(intents, Tier.REPAIR, meant="" if guess.sure else guess.text)


def _stops(intent: Intent) -> bool:
    return intent.name in _STOPS_RINGING and not _DESCRIBES & intent.slots.keys()
