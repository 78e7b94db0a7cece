"""Commands from a model that was taught to say them: decoded from this home's menu, and weighed."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from assistant.llm.answers import Answerer, Talk
from assistant.llm.certainty import Thresholds
from assistant.llm.choices import Choices, Decision
from assistant.llm.goals import GoalData
from assistant.llm.llama import LlamaModel
from assistant.llm.menu import Menu, Said, Wording
from assistant.llm.proposals import Rooms, plain
from assistant.llm.retrieval import SHOWN_WHOLE, relevant
from assistant.llm.states import States
from assistant.types import Intent, Tier, Understood, Written

_LOG = logging.getLogger(__name__)
_MAX_TEXT = 200
_MENUS = 4

Read = Callable[[str], tuple[Intent, ...]]
"""What the sentence templates make of a plain command."""


class Decider(Protocol):
    """Chooses from a menu. Blocking."""

    def keep(self, menu: Menu, stop: Callable[[], bool]) -> bool:
        """Make ready for requests to `menu`; False when `stop` turned true."""

    def expect(self, menu: Menu, said: str, area: str | None, stop: Callable[[], bool]) -> None:
        """Make ready for `decide` with the same, unless `stop` turns true."""

    def decide(
        self, menu: Menu, said: str, area: str | None, stop: Callable[[], bool]
    ) -> Decision | None:
        """The likeliest answer; None when `stop` turned true. Raises `LanguageModelError`."""


class LocalDecider:
    """The model in this process."""

    def __init__(self, model: LlamaModel, states: States | None) -> None:
        self._model = model
        self._states = states
        self._choices: OrderedDict[str, Choices] = OrderedDict()

    def keep(self, menu: Menu, stop: Callable[[], bool]) -> bool:
        """Evaluate the home's part of the prompt, or fetch it from the disk."""
        self._of(menu)
        return self._model.keep(menu.fixed, self._states, cancelled=stop)

    def decide(
        self, menu: Menu, said: str, area: str | None, stop: Callable[[], bool]
    ) -> Decision | None:
        """Decode from the menu."""
        prompt = menu.fixed + menu.request(said, area)
        return self._model.decide(prompt, self._of(menu), head=menu.head(area), cancelled=stop)

    def expect(self, menu: Menu, said: str, area: str | None, stop: Callable[[], bool]) -> None:
        """Evaluate what `decide` will need."""
        self._model.expect(menu.fixed + menu.request(said, area), cancelled=stop)

    def _of(self, menu: Menu) -> Choices:
        found = self._choices.pop(menu.grammar, None) or Choices(menu, self._model.tokenize)
        self._choices[menu.grammar] = found
        while len(self._choices) > _MENUS:
            self._choices.popitem(last=False)
        return found


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the model chose, not yet understood."""

    menu: Menu
    decision: Decision
    answer: str = ""
    """In its own words, where it chose to talk."""


class TaughtProposer:
    """The blocking half is `choose`, in the model's thread; `understood` belongs to the loop."""

    def __init__(
        self,
        decider: Decider,
        wording: Wording,
        data: GoalData,
        answerer: Answerer | None,
        thresholds: Thresholds,
    ) -> None:
        self._decider = decider
        self._wording = wording
        self._data = data
        self._answerer = answerer
        self._thresholds = thresholds
        self._whole: tuple[Rooms, Menu] | None = None

    def keep(self, rooms: Rooms, stop: Callable[[], bool]) -> bool:
        """Make ready for requests to this home; False when `stop` turned true.

        A large home has no fixed part: what is shown of it depends on the request.
        """
        if len(rooms.devices) > SHOWN_WHOLE:
            return True
        return self._decider.keep(self._menu(rooms, "", None), stop)

    def expect(self, text: str, rooms: Rooms, area: str | None, stop: Callable[[], bool]) -> None:
        """Make ready for `choose` with the same, unless `stop` turns true."""
        if any(character.isalpha() for character in plain(text, _MAX_TEXT)):
            menu = self._menu(rooms, text, area)
            self._decider.expect(menu, text[:_MAX_TEXT], area, stop)

    def choose(
        self, text: str, rooms: Rooms, area: str | None, stop: Callable[[], bool],
        talk: Talk | None = None, *, written: Written = lambda sentence: None,
    ) -> Chosen | None:  # fmt: skip
        """What the model says to `text`; None where it cannot be asked, or was stopped.

        `written` is given the sentences of an answer as they come.
        """
        said = plain(text, _MAX_TEXT)
        if not any(character.isalpha() for character in said):
            return None
        menu = self._menu(rooms, text, area)
        decision = self._decider.decide(menu, text[:_MAX_TEXT], area, stop)
        if decision is None:
            return None
        answer = ""
        if menu.outcome(decision.text) == "chat" and self._answerer is not None:
            answer = self._answerer.answer(text, stop, talk, written)
        return Chosen(menu, decision, answer)

    def understood(self, chosen: Chosen | None, read: Read) -> Understood:
        """The verdict: done from one threshold on, asked about from the other, else nothing."""
        if chosen is None:
            return Understood()
        decision = chosen.decision
        _LOG.info(
            "the language model is %d%% sure of %d command(s)",
            round(100 * decision.certainty), len(decision.commands),
        )  # fmt: skip
        if chosen.answer:
            return Understood(tier=Tier.LLM, answer=chosen.answer)
        if chosen.menu.outcome(decision.text) == "ask":
            return Understood(tier=Tier.LLM, unclear=True)
        commands = chosen.menu.read(decision.text)
        if not commands or decision.certainty < self._thresholds.ask:
            return Understood()
        intents = tuple(intent for command in commands for intent in _intents(command, read))
        if not intents:
            return Understood()
        sure = decision.weighed and decision.certainty >= self._thresholds.act
        return Understood(intents, Tier.LLM, ask_first=not sure)

    def _menu(self, rooms: Rooms, text: str, area: str | None) -> Menu:
        """The menu of what `text` may be about: the whole of a small home, made once."""
        if self._whole is not None and self._whole[0] == rooms:
            return self._whole[1]
        shown = relevant(
            rooms.devices, rooms.areas, text, area,
            wording=self._wording, signs=self._data.signs.words,
        )  # fmt: skip
        menu = Menu(shown, rooms.areas, self._wording)
        if len(shown) == len(rooms.devices):
            self._whole = (rooms, menu)
        return menu


def _intents(command: Said, read: Read) -> tuple[Intent, ...]:
    """The command as the templates understand it, for the devices that the menu meant."""
    intents = read(command.text)
    if not intents:
        _LOG.warning('no sentence template understands the menu\'s "%s"', command.text)
    return tuple(
        replace(intent, tier=Tier.LLM, device_ids=command.devices, text=command.text)
        for intent in intents
    )
