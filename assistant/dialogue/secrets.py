"""Dialogue room: PINs and codes, as they are given in answer to a question."""

from __future__ import annotations

from dataclasses import replace

from assistant.dialogue.open_questions import Pending
from assistant.home.model import Home
from assistant.home.pin import MOST_TRIES, PinGuard
from assistant.home.safety import Question, Wants
from assistant.types import Request
from assistant.understanding.digits import spoken_digits
from assistant.understanding.understanding import Understanding


class Secrets:
    """Reads what was said to a question for a PIN or a device's code."""

    def __init__(self, understanding: Understanding, home: Home, guard: PinGuard) -> None:
        self._understanding = understanding
        self._home = home
        self._guard = guard

    async def given(self, request: Request, question: Question) -> str | None:
        """The digits, or the word, that was said; None where it was another request."""
        language = self._understanding.language
        heard = (spoken_digits(t, language) for t in (request.text, *request.alternatives))
        digits = next((digits for digits in heard if digits), "")
        if digits:
            return digits
        understood = await self._understanding.understand(request.text, area=request.area)
        if understood.intents:
            return None
        return request.text.strip() if self._takes_words(question) else ""

    def further(self, pending: Pending, question: Question, given: str) -> Pending:
        """`pending` one question further, or with one more try, if `given` is not the PIN."""
        right = self._guard.accepts(given) if question.wants is Wants.PIN else bool(given)
        if not right:
            return replace(pending, tries=pending.tries + 1)
        codes = {**pending.codes, question.device: given} if question.device else pending.codes
        return replace(pending, questions=pending.questions[1:], codes=codes, tries=0)

    def exhausted(self, pending: Pending, question: Question) -> bool:
        """Whether nobody is to be asked again."""
        closed = self._guard.closed and question.wants is Wants.PIN
        return pending.tries >= MOST_TRIES or closed

    def _takes_words(self, question: Question) -> bool:
        device = self._home.devices.get(question.device)
        return device is not None and device.features.code == "text"
