"""One exchange: words in, things done in the home, a reply out. Knows nothing of sound."""

from __future__ import annotations

import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from assistant.config import SafetySettings
from assistant.errors import AssistantError
from assistant.events import Observer, Stage, StageEvent
from assistant.home.members import expanded
from assistant.home.model import Home
from assistant.home.pin import HIDDEN, MOST_TRIES, PinGuard
from assistant.home.safety import Question, Wants, guessable, questions, with_code
from assistant.open_questions import OpenQuestions, Pending
from assistant.ports import Clock, DeviceBus
from assistant.replies import Replies
from assistant.schedule.schedule import Schedule
from assistant.skills.context import Perform, SkillContext
from assistant.skills.outcomes import describe, discreet, held_outcomes, summary, without_held
from assistant.skills.registry import handle_intent
from assistant.types import (
    Action,
    ActionResult,
    Intent,
    Outcome,
    Request,
    Status,
    Tier,
    Turn,
    Understood,
)
from assistant.understanding.digits import spoken_digits
from assistant.understanding.llm import LanguageModelTier
from assistant.understanding.own import OwnIntent
from assistant.understanding.understanding import Understanding

_LOG = logging.getLogger(__name__)

_UNDONE = (Status.UNAVAILABLE, Status.NO_ANSWER, Status.REFUSED)
_SWITCHED = frozenset({"light", "switch", "fan", "cover", "lock", "media_player"})
_SPOILED_WORDS = 2
_STOPS_RINGING = ("HassNevermind", "HassCancelTimer", "HassCancelAllTimers", "AssistantCancelAlarm")


class Conversation:
    """Turns requests into turns in one language. Belongs to the event loop."""

    def __init__(
        self,
        *,
        understanding: Understanding,
        replies: Replies,
        home: Home,
        bus: DeviceBus,
        schedule: Schedule | None,
        clock: Clock,
        safety: SafetySettings,
        language_model: Callable[[], Awaitable[LanguageModelTier | None]] | None = None,
        observer: Observer = lambda event: None,
        own: Mapping[str, OwnIntent] | None = None,
        pin_guard: PinGuard | None = None,
    ) -> None:
        self.understanding = understanding
        self.replies = replies
        self._home = home
        self._bus = bus
        self._schedule = schedule
        self._clock = clock
        self._safety = safety
        self._language_model = language_model
        self._observe = observer
        self._own = own or {}
        self._pin_guard = pin_guard or PinGuard(safety.pin, clock)
        self._open = OpenQuestions(clock, safety.confirm_timeout_s)

    @property
    def language(self) -> str:
        """The language spoken here."""
        return self.replies.language

    def waits_for_answer(self, conversation: str) -> bool:
        """Whether a question of ours is still open in `conversation`."""
        return self._open.of(conversation) is not None

    def expects_secret(self, conversation: str | None = None) -> bool:
        """Whether a PIN or a code is being asked for (in any conversation, if none is named).

        What is heard then must be shown to nobody; a turn's text is hidden already.
        """
        return self._open.expect_secret(None if conversation is None else [conversation])

    def forget_question(self, conversation: str) -> None:
        """Drop the question that is open in `conversation`: nobody answered it."""
        self._open.drop(conversation)

    async def ask(self, request: Request) -> Turn:
        """Understand, do, and word the reply. Every fault becomes a spoken sentence."""
        started = self._clock.monotonic()
        turn = Turn(
            id=secrets.token_hex(4), text=request.text, language=self.language,
            area=request.area, tier=None, intents=(), results=(), reply="",
            conversation=request.conversation,
        )  # fmt: skip
        try:
            turn = await self._take(request, turn, started)
        except AssistantError as error:
            _LOG.warning("turn %s failed: %s", turn.id, error)
            reply = self.replies.render(f"errors.{error.spoken}")
            turn = replace(turn, reply=reply, failed=True)
        except Exception:  # the supervisor of one turn: the next one must find us alive
            _LOG.exception("turn %s failed", turn.id)
            turn = replace(turn, reply=self.replies.render("errors.internal"), failed=True)
        total = (self._clock.monotonic() - started) * 1000
        return replace(turn, timings_ms={**turn.timings_ms, "turn": round(total, 1)})

    async def likely_replies(self) -> AsyncIterator[str]:
        """What will be said most often in this home: each device switched on, and off."""
        context = self._context(Request(""), self._hope, proposing=True)
        for device in tuple(self._home.devices.values()):
            if device.exposed and device.type in _SWITCHED:
                for name in ("HassTurnOn", "HassTurnOff"):
                    intent = Intent(name, {"name": device.name}, device_ids=(device.id,))
                    yield self._wording([await handle_intent(intent, context)])

    async def foresee(self, request: Request) -> str:
        """The reply if `request` is carried out as hoped; nothing is done. Empty: unknown."""
        if self.waits_for_answer(request.conversation):
            return ""
        understood = await self.understanding.understand(request.text, area=request.area)
        context = self._context(request, self._hope, proposing=True)
        outcomes = [await self._handle(intent, context) for intent in understood.intents]
        return self._wording(outcomes)

    async def _take(self, request: Request, turn: Turn, started: float) -> Turn:
        question = self._open.of(request.conversation)
        self._open.drop(request.conversation)
        if question is not None:
            answered = await self._answered(request, turn, question, started)
            if answered is not None:
                return answered
        understood = await self._understand(request)
        understood_ms = (self._clock.monotonic() - started) * 1000
        turn = replace(
            turn,
            tier=understood.tier,
            intents=understood.intents,
            timings_ms={"understand": round(understood_ms, 1)},
        )
        self._observe(StageEvent(Stage.UNDERSTOOD, describe(understood), understood_ms))
        if understood.answer:
            return replace(turn, reply=understood.answer)
        if not understood.intents and understood.meant:
            return self._did_you_mean(request, turn, understood.meant)
        if not understood.intents:
            key = "errors.broker" if self._home_unknown else "not_understood"
            return replace(turn, reply=self.replies.render(key), failed=True)
        return await self._carry_out(request, turn, understood)

    async def _answered(
        self, request: Request, turn: Turn, pending: Pending, started: float
    ) -> Turn | None:
        """The turn that answers an open question; None where it is another request."""
        answer = self.understanding.answer(request.text)
        if pending.intents:
            turn = replace(turn, intents=pending.intents, tier=pending.intents[0].tier)
        if answer == "no":
            self._observe(StageEvent(Stage.UNDERSTOOD, "no"))
            return replace(turn, tier=None, reply=self.replies.render("cancelled"))
        question = pending.questions[0]
        if question.secret:
            turn = replace(turn, text=HIDDEN)
            heard = (spoken_digits(t, self.language) for t in (request.text, *request.alternatives))
            given = next((digits for digits in heard if digits), "")
            if not given:
                understood = await self.understanding.understand(request.text, area=request.area)
                if understood.intents:
                    return None
                given = request.text.strip() if self._takes_words(question) else ""
            pending = self._with_secret(pending, question, given)
        elif answer == "yes" and pending.meant:
            meant = replace(request, text=pending.meant, alternatives=(), dry_run=pending.dry_run)
            return await self._take(meant, turn, started)
        elif answer == "yes":
            pending = replace(pending, questions=())
        else:
            return None
        understood_ms = (self._clock.monotonic() - started) * 1000
        self._observe(StageEvent(Stage.UNDERSTOOD, answer or "an answer", understood_ms))
        if not pending.questions:
            return await self._confirmed(request, turn, pending, understood_ms)
        if pending.tries >= MOST_TRIES or (self._pin_guard.closed and question.wants is Wants.PIN):
            return replace(turn, reply=self.replies.render("pin.closed"), failed=True)
        self._open.ask(request.conversation, pending)
        wrong = self.replies.render("pin.wrong" if given else "pin.none") if pending.tries else ""
        actions = [result.action for outcome in pending.outcomes for result in outcome.results]
        asked = self.replies.question(actions, self._home, pending.questions[0])
        return replace(turn, reply=f"{wrong} {asked}".strip(), question=True)

    def _with_secret(self, pending: Pending, question: Question, given: str) -> Pending:
        """`pending` one question further, or with one more try, if `given` is not the PIN."""
        right = self._pin_guard.accepts(given) if question.wants is Wants.PIN else bool(given)
        if not right:
            return replace(pending, tries=pending.tries + 1)
        codes = {**pending.codes, question.device: given} if question.device else pending.codes
        return replace(pending, questions=pending.questions[1:], codes=codes, tries=0)

    def _takes_words(self, question: Question) -> bool:
        device = self._home.devices.get(question.device)
        return device is not None and device.features.code == "text"

    async def _understand(self, request: Request) -> Understood:
        understood = await self._understand_words(request)
        if understood.intents and self._schedule and self._schedule.ringing():
            first = understood.intents[0]
            if first.name in _STOPS_RINGING and "name" not in first.slots:
                stop = replace(first, name="AssistantStopRinging")
                return replace(understood, intents=(stop,))
        ringing = self._schedule is not None and bool(self._schedule.ringing())
        if ringing and not understood.intents and 0 < len(request.text.split()) <= _SPOILED_WORDS:
            # a word that the noise of the ring has spoiled: who speaks now wants it to stop
            return Understood((Intent("AssistantStopRinging"),), Tier.REPAIR)
        if understood.intents or understood.answer:
            return understood
        guessed = await self._guessed(request)
        if guessed.intents or guessed.meant:
            return guessed
        if self._language_model is None:
            return understood
        if not any(character.isalpha() for character in request.text):
            return understood
        tier = await self._language_model()
        if tier is None:
            return understood
        return await tier.propose(request.text, self._home, request.area, cancelled=lambda: False)

    async def _understand_words(self, request: Request) -> Understood:
        """What the templates make of the words, or else of the first alternative they accept."""
        understood = await self.understanding.understand(request.text, area=request.area)
        for text in request.alternatives:
            if understood.intents:
                break
            repaired = await self.understanding.understand(text, area=request.area)
            if repaired.intents and not any(i.name == "HassNevermind" for i in repaired.intents):
                intents = tuple(replace(i, tier=Tier.REPAIR) for i in repaired.intents)
                understood = replace(repaired, tier=Tier.REPAIR, intents=intents)
        return understood

    async def _guessed(self, request: Request) -> Understood:
        """What the words sound like among all that can be asked; never what could do harm."""
        heard = (request.text, *request.alternatives)
        guess = await self.understanding.guess(heard, area=request.area)
        if guess is None:
            return Understood()
        context = self._context(request, self._hope, proposing=True)
        outcomes = [await self._handle(intent, context) for intent in guess.intents]
        actions = [result.action for outcome in outcomes for result in outcome.results]
        if any(outcome.failed for outcome in outcomes) or not all(
            guessable(action, self._home, self._safety.confirm) for action in actions
        ):
            return Understood()
        if guess.sure:
            intents = tuple(replace(intent, tier=Tier.REPAIR) for intent in guess.intents)
            return Understood(intents, Tier.REPAIR)
        return Understood(tier=Tier.REPAIR, meant=guess.text)

    def _did_you_mean(self, request: Request, turn: Turn, meant: str) -> Turn:
        pending = Pending((), (), (Question(Wants.YES),), request.dry_run, meant=meant)
        self._open.ask(request.conversation, pending)
        reply = self.replies.render("did_you_mean", sentence=meant)
        return replace(turn, reply=reply, question=True)

    async def _carry_out(self, request: Request, turn: Turn, understood: Understood) -> Turn:
        started = self._clock.monotonic()

        async def perform(actions: Sequence[Action]) -> tuple[ActionResult, ...]:
            actions = expanded(actions, self._home)
            results = [
                self._withheld(action, understood.ask_first, request.dry_run) for action in actions
            ]
            free = [a for a, result in zip(actions, results, strict=True) if result is None]
            done = iter(await self._performed(free, {}) if free else ())
            return tuple(result or next(done) for result in results)

        proposing = request.dry_run or understood.ask_first
        context = self._context(request, perform, proposing=proposing)
        outcomes = [await self._handle(intent, context) for intent in understood.intents]
        return self._finish(request, turn, outcomes, started)

    def _withheld(self, action: Action, ask_first: bool, dry_run: bool) -> ActionResult | None:
        """What comes of an action that is not to be done, at least not now."""
        device = self._home.devices.get(action.device)
        if device is not None and not device.exposed:
            return ActionResult(action, Status.REFUSED, f"{device.name} is not to be commanded")
        if ask_first or questions([action], self._home, self._safety):
            return ActionResult(action, Status.AWAITING_CONFIRMATION)
        return ActionResult(action, Status.DRY_RUN) if dry_run else None

    async def _performed(
        self, actions: Sequence[Action], codes: Mapping[str, str]
    ) -> tuple[ActionResult, ...]:
        """Perform actions with their devices' codes, of which the results know nothing."""
        codes = {**self._safety.codes, **codes}
        sent = [with_code(a, self._home.devices.get(a.device), codes) for a in actions]
        results = await self._bus.perform(sent)
        return tuple(replace(r, action=a) for r, a in zip(results, actions, strict=True))

    async def _handle(self, intent: Intent, context: SkillContext) -> Outcome:
        """One of several intents; that it failed takes nothing from what the others did."""
        try:
            return await handle_intent(intent, context)
        except AssistantError as error:
            _LOG.warning("%s failed: %s", intent.name, error)
            return Outcome(f"errors.{error.spoken}", failed=True)

    async def _confirmed(
        self, request: Request, turn: Turn, question: Pending, understood_ms: float
    ) -> Turn:
        started = self._clock.monotonic()
        done = []
        for outcome in question.outcomes:
            actions = [r.action for r in outcome.results]
            if request.dry_run or question.dry_run:
                results = tuple(ActionResult(a, Status.DRY_RUN) for a in actions)
            else:
                results = await self._performed(actions, question.codes)
            done.append(replace(outcome, results=results))
        turn = replace(turn, timings_ms={"understand": round(understood_ms, 1)})
        return self._finish(request, turn, done, started)

    def _finish(
        self, request: Request, turn: Turn, outcomes: Sequence[Outcome], started: float
    ) -> Turn:
        results = tuple(discreet(r) for outcome in outcomes for r in outcome.results)
        held = held_outcomes(outcomes)
        asked = self._questions(held)
        if Question(Wants.PIN) in asked and self._pin_guard.closed:
            reply = self.replies.render("pin.closed")
            return replace(turn, results=results, reply=reply, failed=True)
        if held:
            pending = Pending(held, turn.intents, asked, request.dry_run)
            self._open.ask(request.conversation, pending)
        act_ms = (self._clock.monotonic() - started) * 1000
        self._observe(StageEvent(Stage.DONE, summary(results), act_ms))
        return replace(
            turn,
            results=results,
            reply=self._wording(outcomes),
            question=bool(held),
            failed=any(o.failed for o in outcomes) or any(r.status in _UNDONE for r in results),
            timings_ms={**turn.timings_ms, "act": round(act_ms, 1)},
        )

    def _wording(self, outcomes: Sequence[Outcome]) -> str:
        """What was done, and then the question about what was not done without a yes."""
        said = list(dict.fromkeys(self._told(o) for o in map(without_held, outcomes) if o))
        held = held_outcomes(outcomes)
        if held:
            actions = [result.action for outcome in held for result in outcome.results]
            said.append(self.replies.question(actions, self._home, self._questions(held)[0]))
        return " ".join(said)

    def _told(self, outcome: Outcome) -> str:
        """What to say of an outcome: of a missing broker itself, not of what follows from it."""
        unreachable = {result.status for result in outcome.results} == {Status.UNAVAILABLE}
        not_found = outcome.reply.startswith("problems.") and self._home_unknown
        if not_found or (unreachable and not self._bus.connected):
            return self.replies.render("errors.broker")
        return self.replies.outcome(outcome, self._home)

    @property
    def _home_unknown(self) -> bool:
        """Whether no device is known because there has not been a broker yet."""
        return not self._home.devices and not self._bus.connected

    async def _hope(self, actions: Sequence[Action]) -> tuple[ActionResult, ...]:
        """What comes of actions if all goes well; does nothing."""
        return tuple(
            self._withheld(action, False, False) or ActionResult(action, Status.CONFIRMED)
            for action in expanded(actions, self._home)
        )

    def _context(self, request: Request, perform: Perform, *, proposing: bool) -> SkillContext:
        return SkillContext(
            home=self._home, perform=perform, clock=self._clock, schedule=self._schedule,
            language=self.language, area=request.area, proposing=proposing,
            own=self._own,
        )  # fmt: skip

    def _questions(self, held: Sequence[Outcome]) -> tuple[Question, ...]:
        """What to ask about outcomes that wait: whether they should be, if nothing else."""
        actions = [result.action for outcome in held for result in outcome.results]
        return questions(actions, self._home, self._safety) or (Question(Wants.YES),)
