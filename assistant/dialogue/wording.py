"""Dialogue room: what to say of everything that came of a request."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.dialogue.performing import Performer
from assistant.home.model import Home
from assistant.ports import DeviceBus
from assistant.replies import Replies
from assistant.skills.outcomes import held_outcomes, without_held
from assistant.types import Outcome, Status


class Wording:
    """Words the outcomes of a turn in the home's language."""

    def __init__(self, replies: Replies, home: Home, bus: DeviceBus, performer: Performer) -> None:
        self._replies = replies
        self._home = home
        self._bus = bus
        self._performer = performer

    def of(self, outcomes: Sequence[Outcome]) -> str:
        """What was done, and then the question about what was not done without a yes."""
        said = list(dict.fromkeys(self._told(o) for o in map(without_held, outcomes) if o))
        held = held_outcomes(outcomes)
        if held:
            actions = [result.action for outcome in held for result in outcome.results]
            question = self._performer.questions(held)[0]
            said.append(self._replies.question(actions, self._home, question))
        return " ".join(said)

    def announcement(self, outcomes: Sequence[Outcome]) -> str:
        """What everybody in the house is to hear of it; mostly nothing."""
        render = self._replies.render
        return " ".join(render(o.announcement, **o.slots) for o in outcomes if o.announcement)

    @property
    def home_unknown(self) -> bool:
        """Whether no device is known because there has not been a broker yet."""
        return not self._home.devices and not self._bus.connected

    def _told(self, outcome: Outcome) -> str:
        """What to say of an outcome: of a missing broker itself, not of what follows from it."""
        unreachable = {result.status for result in outcome.results} == {Status.UNAVAILABLE}
        not_found = outcome.reply.startswith("problems.") and self.home_unknown
        if not_found or (unreachable and not self._bus.connected):
            return self._replies.render("errors.broker")
        return self._replies.outcome(outcome, self._home)
