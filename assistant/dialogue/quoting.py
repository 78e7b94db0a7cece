"""Dialogue room: answers quoted from the household's own documents, in words to be spoken."""

from __future__ import annotations

from assistant.knowledge.asking import NotThere
from assistant.knowledge.knowledge import Knowledge
from assistant.replies import Replies


class Quoting:
    """Words what the documents say. What they say is spoken, and is nothing else."""

    def __init__(self, knowledge: Knowledge | None, replies: Replies) -> None:
        self._knowledge = knowledge
        self._replies = replies

    async def answer(self, question: str) -> str:
        """The reply to `question`, with the document's name; empty: it is not for them."""
        if self._knowledge is None:
            return ""
        found = await self._knowledge.answer(question, self._replies.language)
        if found is None:
            return ""
        if isinstance(found, NotThere):
            return self._replies.render("knowledge.not_there", title=found.title)
        return self._replies.render("knowledge.quote", title=found.title, text=found.text)
