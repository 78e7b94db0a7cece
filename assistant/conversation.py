"""One exchange: words in, things done in the home, a reply out. Knows nothing of sound."""

from __future__ import annotations

import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from assistant.config import DialogueSettings, SafetySettings
from assistant.dialogue.assent import says_it_again
from assistant.dialogue.handling import handle_all, handle_one, likely_intents
from assistant.dialogue.interpreting import Interpreter
from assistant.dialogue.memory import Memory
from assistant.dialogue.open_questions import OpenQuestions, Pending
from assistant.dialogue.performing import Performer
from assistant.dialogue.quoting import Quoting
from assistant.dialogue.secrets import Secrets
from assistant.dialogue.talks import Talks
from assistant.dialogue.unfolding import Unfolding
from assistant.dialogue.wording import Wording
from assistant.errors import AssistantError
from assistant.events import Observer, Stage, StageEvent
from assistant.home.commands.restoring import Change
from assistant.home.model import Home
from assistant.home.pin import HIDDEN, PinGuard
from assistant.home.safety import Question, Wants
from assistant.knowledge.knowledge import Knowledge
from assistant.llm.tier import LanguageModelTier
from assistant.ports import Clock, DeviceBus
from assistant.replies import Replies
from assistant.schedule.journal import Change as KeptChange
from assistant.schedule.schedule import Schedule
from assistant.skills.context import Loudspeaker, Perform, SkillContext
from assistant.skills.lists import WithLists
from assistant.skills.outcomes import describe, discreet, held_outcomes, summary
from assistant.types import (
    Action,
    ActionResult,
    Completeness,
    Intent,
    Missing,
    Outcome,
    Request,
    Status,
    Tier,
    Turn,
    Understood,
)
from assistant.understanding.own import OwnIntent
from assistant.understanding.understanding import Understanding

_LOG = logging.getLogger(__name__)

_UNDONE = (Status.UNAVAILABLE, Status.NO_ANSWER, Status.REFUSED)


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
        dialogue: DialogueSettings | None = None,
        language_model: Callable[[], Awaitable[LanguageModelTier | None]] | None = None,
        observer: Observer = lambda event: None,
        own: Mapping[str, OwnIntent] | None = None,
        pin_guard: PinGuard | None = None,
        knowledge: Knowledge | None = None,
        templates: bool = True,
        loudspeaker: Callable[[], Loudspeaker | None] = lambda: None,
    ) -> None:
        """Without `templates` the language model has to understand everything (evaluations)."""
        self.understanding = understanding
        self.replies = replies
        self._home = home
        self._bus = bus if schedule is None else WithLists(bus, schedule)
        self._schedule = schedule
        self._clock = clock
        self._observe = observer
        self._own = own or {}
        self._loudspeaker = loudspeaker
        self._pin_guard = pin_guard or PinGuard(safety.pin, clock)
        self._open = OpenQuestions(clock, safety.confirm_timeout_s)
        remember_s = (dialogue or DialogueSettings()).remember_s
        self._memory = Memory(clock, remember_s)
        self._performer = Performer(home, self._bus, safety)
        self._unfolding = Unfolding(understanding, schedule)
        self._wording = Wording(replies, home, bus, self._performer)
        self._secrets = Secrets(understanding, home, self._pin_guard)
        self._interpreter = Interpreter(
            understanding, home, harmless=self._harmless, language_model=language_model,
            rings=lambda: schedule is not None and bool(schedule.ringing()), templates=templates,
            quote=Quoting(knowledge, replies).answer,
            talks=Talks(clock, home, schedule, remember_s),
        )  # fmt: skip

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

    async def completeness(self, text: str, conversation: str) -> Completeness:
        """Whether a partial transcript is a whole request, after what was said before."""
        return await self.understanding.completeness(text, self._memory.topics(conversation))

    def forget_question(self, conversation: str) -> None:
        """Drop the question that is open in `conversation`: nobody answered it."""
        self._open.drop(conversation)

    async def ask(self, request: Request) -> Turn:
        """Understand, do, and word the reply. Every fault becomes a spoken sentence."""
        started = self._clock.monotonic()
        turn = self._new_turn(request)
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
        for intent in likely_intents(self._home):
            yield self._wording.of(await self._hoped(Request(""), [intent]))

    async def foresee(self, request: Request) -> str:
        """The reply if `request` is carried out as hoped; nothing is done. Empty: unknown."""
        if self.waits_for_answer(request.conversation):
            return ""
        understood = await self.understanding.understand(
            request.text, area=request.area, topics=self._memory.topics(request.conversation)
        )
        return self._wording.of(await self._hoped(request, understood.intents))

    async def carry_out(
        self, request: Request, intents: Sequence[Intent], actions: Sequence[Action] = ()
    ) -> Turn:
        """Do what was understood and kept before, or `actions`; `request` says in whose words.

        Where something has to be asked about, the question is open in the request's conversation:
        `hand_over` puts it to people.
        """
        turn = self._new_turn(request)
        if actions:
            return await self._act(request, turn, actions)
        understood = await self._unfolding.unfold(
            request, Understood(tuple(intents), Tier.TEMPLATE)
        )
        turn = replace(turn, tier=understood.tier, intents=understood.intents)
        return await self._carry_out(request, turn, understood)

    async def comes_to(self, request: Request, intents: Sequence[Intent]) -> list[Action]:
        """What `carry_out` would do as the home is now; does nothing."""
        understood = await self._unfolding.unfold(request, Understood(tuple(intents)))
        outcomes = await self._hoped(request, understood.intents)
        return [result.action for outcome in outcomes for result in outcome.results]

    def hand_over(self, conversation: str, to: str, left: Callable[[], None]) -> bool:
        """Put the question of one conversation to another; False: it is closed.

        `left` is called when it is left without an answer.
        """
        return self._open.move(conversation, to, left)

    async def _act(self, request: Request, turn: Turn, actions: Sequence[Action]) -> Turn:
        started = self._clock.monotonic()
        changes: list[Change] = []
        results = await self._performer.perform(
            actions, changes, hold=False, dry_run=request.dry_run
        )
        return self._finish(request, turn, [Outcome("done", results=results)], started)

    def _new_turn(self, request: Request) -> Turn:
        return Turn(
            id=secrets.token_hex(4), text=request.text, language=self.language,
            area=request.area, tier=None, intents=(), results=(), reply="",
            conversation=request.conversation,
        )  # fmt: skip

    async def _take(self, request: Request, turn: Turn, started: float) -> Turn:
        question = self._open.of(request.conversation)
        self._open.drop(request.conversation)
        if question is not None:
            answered = await self._answered(request, turn, question, started)
            if answered is not None:
                return answered
            question.left()
        topics = self._memory.topics(request.conversation)
        understood = self._unfolding.routine(request)
        began = question.unclear if question is not None else ""
        understood = understood or await self._interpreter.understand(request, topics, began)
        understood = await self._unfolding.unfold(request, understood)
        understood_ms = (self._clock.monotonic() - started) * 1000
        turn = replace(
            turn, tier=understood.tier, intents=understood.intents,
            timings_ms={"understand": round(understood_ms, 1)},
        )  # fmt: skip
        self._observe(StageEvent(Stage.UNDERSTOOD, describe(understood), understood_ms))
        if understood.answer:
            return replace(turn, reply=understood.answer)
        if understood.unclear:
            pending = Pending((), (), (), request.dry_run, unclear=request.text)
            return self._ask(request, turn, pending, self.replies.render("unclear"))
        if meant := understood.meant:
            pending = Pending((), (), (Question(Wants.YES),), request.dry_run, meant=meant)
            asked = self.replies.render("did_you_mean", sentence=meant)
            return self._ask(request, turn, pending, asked)
        if not understood.intents and question is not None and question.missing:
            return self._ask_again(request, turn, question)
        if not understood.intents:
            key = "errors.broker" if self._wording.home_unknown else "not_understood"
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
            return replace(turn, tier=None, intents=(), reply=self.replies.render("cancelled"))
        if pending.unclear:
            return None
        if pending.missing is not None:
            return await self._completed(request, turn, pending, pending.missing)
        question = pending.questions[0]
        if question.secret:
            turn = replace(turn, text=HIDDEN)
            given = await self._secrets.given(request, question)
            if given is None:
                return None
            pending = self._secrets.further(pending, question, given)
        elif answer == "yes" and pending.meant:
            meant = replace(request, text=pending.meant, alternatives=(), dry_run=pending.dry_run)
            return await self._take(meant, turn, started)
        elif answer == "yes" or await says_it_again(
            request, pending, self._memory.topics(request.conversation),
            self.understanding, self.comes_to,
        ):  # fmt: skip
            pending = replace(pending, questions=())
        else:
            return None
        understood_ms = (self._clock.monotonic() - started) * 1000
        self._observe(StageEvent(Stage.UNDERSTOOD, answer or "an answer", understood_ms))
        if not pending.questions:
            return await self._confirmed(request, turn, pending, understood_ms)
        if self._secrets.exhausted(pending, question):
            return replace(turn, reply=self.replies.render("pin.closed"), failed=True)
        wrong = self.replies.render("pin.wrong" if given else "pin.none") if pending.tries else ""
        actions = [result.action for outcome in pending.outcomes for result in outcome.results]
        asked = self.replies.question(actions, self._home, pending.questions[0])
        return self._ask(request, turn, pending, f"{wrong} {asked}".strip())

    async def _completed(
        self, request: Request, turn: Turn, pending: Pending, missing: Missing
    ) -> Turn | None:
        """What was asked for, with what had to be asked; None where that was not answered."""
        [intent] = pending.intents
        for text in (request.text, *request.alternatives):
            whole = await self.understanding.complete(text, intent, missing, area=request.area)
            if whole is not None:
                self._observe(StageEvent(Stage.UNDERSTOOD, "an answer"))
                turn = replace(turn, intents=(whole,), tier=whole.tier)
                request = replace(request, dry_run=request.dry_run or pending.dry_run)
                return await self._carry_out(request, turn, Understood((whole,), whole.tier))
        return None

    def _ask_again(self, request: Request, turn: Turn, pending: Pending) -> Turn:
        """Put a question once more that what was said did not answer; then leave it."""
        reply = self.replies.render("not_understood")
        if pending.tries:
            return replace(turn, reply=reply, failed=True)
        pending = replace(pending, tries=pending.tries + 1)
        return self._ask(request, turn, pending, f"{reply} {self._wording.of(pending.outcomes)}")

    def _ask(self, request: Request, turn: Turn, pending: Pending, reply: str) -> Turn:
        self._open.ask(request.conversation, pending)
        return replace(turn, reply=reply, question=True)

    async def _carry_out(self, request: Request, turn: Turn, understood: Understood) -> Turn:
        started = self._clock.monotonic()
        changes: list[Change] = []

        async def perform(actions: Sequence[Action]) -> tuple[ActionResult, ...]:
            return await self._performer.perform(
                actions, changes, hold=understood.ask_first, dry_run=request.dry_run
            )

        proposing = request.dry_run or understood.ask_first
        context = self._context(request, perform, proposing=proposing)
        mark = self._schedule.mark() if self._schedule is not None else 0
        done = await handle_all(understood.intents, context, changes)
        self._memory.keep(
            request.conversation, done.intents, done.outcomes, changes, self._kept(mark)
        )
        turn = self._finish(request, turn, done.outcomes, started, done.then)
        if not proposing:
            turn = replace(turn, announcement=self._wording.announcement(done.outcomes))
        if not turn.question:
            turn = self._ask_for_missing(request, turn, done.intents, done.outcomes)
        return turn

    def _ask_for_missing(
        self, request: Request, turn: Turn, intents: Sequence[Intent], outcomes: Sequence[Outcome]
    ) -> Turn:
        """The turn with its question open, if one of the outcomes is a question."""
        for intent, outcome in zip(intents, outcomes, strict=True):
            if outcome.missing is not None:
                missing, dry = outcome.missing, request.dry_run
                pending = Pending((outcome,), (intent,), (), dry, missing=missing)
                return self._ask(request, turn, pending, turn.reply)
        return turn

    def _kept(self, mark: int) -> tuple[KeptChange, ...]:
        return self._schedule.changes_since(mark) if self._schedule is not None else ()

    async def _hoped(self, request: Request, intents: Sequence[Intent]) -> list[Outcome]:
        """What comes of `intents` if all goes well; does nothing."""
        context = self._context(request, self._performer.hope, proposing=True)
        return list((await handle_all(intents, context)).outcomes)

    async def _harmless(self, request: Request, intents: Sequence[Intent]) -> bool:
        return self._performer.guessable(await self._hoped(request, intents))

    async def _confirmed(
        self, request: Request, turn: Turn, question: Pending, understood_ms: float
    ) -> Turn:
        started = self._clock.monotonic()
        done = []
        changes: list[Change] = []
        mark = self._schedule.mark() if self._schedule is not None else 0
        for outcome in question.outcomes:
            actions = [r.action for r in outcome.results]
            if request.dry_run or question.dry_run:
                results = tuple(ActionResult(a, Status.DRY_RUN) for a in actions)
            else:
                results = await self._performer.allowed(actions, question.codes, changes)
            done.append(replace(outcome, results=results))
        context = self._context(request, self._performer.hope, proposing=False)
        context = replace(context, changes=tuple(changes))
        then = question.then if changes else ()
        done += [await handle_one(intent, context) for intent in then]
        self._memory.keep(request.conversation, question.intents, done, changes, self._kept(mark))
        turn = replace(turn, timings_ms={"understand": round(understood_ms, 1)})
        return self._finish(request, turn, done, started)

    def _finish(
        self,
        request: Request,
        turn: Turn,
        outcomes: Sequence[Outcome],
        started: float,
        then: tuple[Intent, ...] = (),
    ) -> Turn:
        results = tuple(discreet(r) for outcome in outcomes for r in outcome.results)
        held = held_outcomes(outcomes)
        asked = self._performer.questions(held)
        if Question(Wants.PIN) in asked and self._pin_guard.closed:
            reply = self.replies.render("pin.closed")
            return replace(turn, results=results, reply=reply, failed=True)
        if held:
            pending = Pending(held, turn.intents, asked, request.dry_run, then=then)
            self._open.ask(request.conversation, pending)
        act_ms = (self._clock.monotonic() - started) * 1000
        self._observe(StageEvent(Stage.DONE, summary(results), act_ms))
        return replace(
            turn,
            results=results,
            reply=self._wording.of(outcomes),
            question=bool(held),
            failed=any(o.failed for o in outcomes) or any(r.status in _UNDONE for r in results),
            timings_ms={**turn.timings_ms, "act": round(act_ms, 1)},
        )

    def _context(self, request: Request, perform: Perform, *, proposing: bool) -> SkillContext:
        return SkillContext(
            home=self._home, perform=perform, clock=self._clock, schedule=self._schedule,
            language=self.language, area=request.area, proposing=proposing,
            own=self._own, deed=self._memory.deed(request.conversation), asks=self._performer.asks,
            understand=self._unfolding.reader(request), loudspeaker=self._loudspeaker(),
        )  # fmt: skip
