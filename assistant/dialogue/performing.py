"""Dialogue room: actions carried out in the home, as far as nothing has to be asked before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from assistant.config import SafetySettings
from assistant.home.commands.restoring import Change
from assistant.home.members import expanded
from assistant.home.model import Home
from assistant.home.safety import Question, Wants, guessable, questions, with_code
from assistant.ports import DeviceBus
from assistant.types import Action, ActionResult, Outcome, Status

_UNTOUCHED = (Status.UNAVAILABLE, Status.REFUSED)


class Performer:
    """Commands the devices of a home, and holds back what needs a yes, a PIN or a code."""

    def __init__(self, home: Home, bus: DeviceBus, safety: SafetySettings) -> None:
        self._home = home
        self._bus = bus
        self._safety = safety

    async def perform(
        self, actions: Sequence[Action], changes: list[Change], *, hold: bool, dry_run: bool
    ) -> tuple[ActionResult, ...]:
        """Do what may be done now; with `hold` nothing of it may. What was done joins `changes`."""
        actions = expanded(actions, self._home)
        results = [self._withheld(action, hold, dry_run) for action in actions]
        free = [a for a, result in zip(actions, results, strict=True) if result is None]
        done = iter(await self.allowed(free, {}, changes) if free else ())
        return tuple(result or next(done) for result in results)

    async def allowed(
        self, actions: Sequence[Action], codes: Mapping[str, str], changes: list[Change]
    ) -> tuple[ActionResult, ...]:
        """Do it all, with the devices' codes, of which the results know nothing."""
        codes = {**self._safety.codes, **codes}
        sent = [with_code(a, self._home.devices.get(a.device), codes) for a in actions]
        before = [dict(self._home.state(action.device)) for action in actions]
        results = await self._bus.perform(sent)
        changes += [
            Change(action, state)
            for action, state, result in zip(actions, before, results, strict=True)
            if result.status not in _UNTOUCHED
        ]
        return tuple(replace(r, action=a) for r, a in zip(results, actions, strict=True))

    async def hope(self, actions: Sequence[Action]) -> tuple[ActionResult, ...]:
        """What comes of actions if all goes well; does nothing."""
        return tuple(
            self._withheld(action, False, False) or ActionResult(action, Status.CONFIRMED)
            for action in expanded(actions, self._home)
        )

    def guessable(self, outcomes: Sequence[Outcome]) -> bool:
        """Whether all that was hoped for may come of words that only sound like it."""
        if any(outcome.failed or outcome.missing for outcome in outcomes):
            return False
        return all(
            guessable(action, self._home, self._safety.confirm) for action in _actions(outcomes)
        )

    def asks(self, actions: Sequence[Action]) -> bool:
        """Whether any of `actions` is done only after an answer."""
        return bool(questions(expanded(actions, self._home), self._home, self._safety))

    def questions(self, held: Sequence[Outcome]) -> tuple[Question, ...]:
        """What to ask about outcomes that wait: whether they should be, if nothing else."""
        asked = questions(_actions(held), self._home, self._safety)
        return asked or (Question(Wants.YES),)

    def _withheld(self, action: Action, hold: bool, dry_run: bool) -> ActionResult | None:
        """What comes of an action that is not to be done, at least not now."""
        device = self._home.devices.get(action.device)
        if device is not None and not device.exposed:
            return ActionResult(action, Status.REFUSED, f"{device.name} is not to be commanded")
        if hold or questions([action], self._home, self._safety):
            return ActionResult(action, Status.AWAITING_CONFIRMATION)
        return ActionResult(action, Status.DRY_RUN) if dry_run else None


def _actions(outcomes: Sequence[Outcome]) -> list[Action]:
    return [result.action for outcome in outcomes for result in outcome.results]
