"""A language model on a bigger machine: chooses from the home's menu, and answers questions.

The server is told what the local model is, and held to the menu by whatever it takes
(`server.py`). What it says is compared with the menu all the same; what is not on it is refused.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator

from assistant.llm.answers import Answerer
from assistant.llm.choices import Decision
from assistant.llm.goals import GoalData
from assistant.llm.menu import Menu
from assistant.llm.server import Limits, Said, Server, Way

_LOG = logging.getLogger(__name__)
_MAX_TOKENS = 128
_AS_JSON = 'Put the commands into a list, as JSON: {"commands": ["turn on floor lamp"]}'


class RemoteDecider:
    """Chooses from a menu with a server's model."""

    def __init__(self, server: Server, instructions: str) -> None:
        self._server = server
        self._instructions = instructions

    def keep(self, menu: Menu, stop: Callable[[], bool]) -> bool:
        """Servers keep the beginnings of prompts by themselves."""
        del menu, stop
        return True

    def expect(self, menu: Menu, said: str, area: str | None, stop: Callable[[], bool]) -> None:
        """Nothing of what is not wholly said yet goes to a server."""
        del menu, said, area, stop

    def decide(
        self, menu: Menu, said: str, area: str | None, stop: Callable[[], bool]
    ) -> Decision | None:
        """What the server's model says, if it is on the menu; else "nothing"."""
        while not stop():
            answer = self._server.ask(
                self._instructions,
                menu.fixed + menu.request(said, area),
                limits=Limits(menu.grammar, menu.schema),
                as_json=_AS_JSON,
                max_tokens=_MAX_TOKENS,
                stop=stop,
            )
            if answer is None:
                return None
            text = _line(answer, menu)
            sure = answer.probability
            if count := len(menu.read(text)):
                known = 1.0 if sure is None else sure
                return Decision(text, (known,) * count, 1.0, weighed=sure is not None)
            if menu.outcome(text):
                return Decision(text, (), 0.0)
            # a server that was held to the menu could not have said it: it ignores the field
            if answer.cut or not self._server.distrust(answer.way):
                _LOG.info("the language model server said what is not on the menu: refused")
                return Decision("\n", (), 0.0)
        return None


class RemoteAnswerer(Answerer):
    """Answers questions with a server's model."""

    def __init__(self, server: Server, data: GoalData) -> None:
        self._server = server
        self.data = data

    def _pieces(
        self, system: str, asked: str, before: tuple[tuple[str, str], ...],
        stop: Callable[[], bool],
    ) -> Iterator[str]:  # fmt: skip
        return self._server.stream(system, asked, before, max_tokens=_MAX_TOKENS, stop=stop)


def _line(answer: Said, menu: Menu) -> str:
    """What was said as a line of the menu's."""
    text = answer.text.strip()
    if answer.way is Way.SCHEMA:
        try:
            commands = json.loads(text)["commands"]
            return f" {menu.joined_by.join(map(str, commands))}\n"
        except (ValueError, KeyError, TypeError):
            pass  # it may not have kept to the schema
    lines = text.splitlines()
    return f" {lines[0].strip().lower().rstrip('.')}\n" if lines else "\n"
