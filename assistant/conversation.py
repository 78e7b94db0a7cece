"""One exchange: words in, things done in the home, a reply out. Knows nothing of sound."""

from __future__ import annotations

import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.config import SafetySettings
from assistant.errors import AssistantError
from assistant.events import Observer, Stage, StageEvent
from assistant.home.model import Home
from assistant.home.safety import needs_yes
from assistant.ports import Clock, DeviceBus
from assistant.replies import Replies
from assistant.schedule.schedule import Schedule
from assistant.skills.context import Perform, SkillContext
from assistant.skills.registry import handle_intent
from assistant.types import Action, ActionResult, Intent, Outcome, Status, Tier, Turn, Understood
from assistant.understanding.llm import LanguageModelTier
from assistant.understanding.own import OwnIntent
from assistant.understanding.understanding import Understanding

_LOG = logging.getLogger(__name__)

_UNDONE = (Status.UNAVAILABLE, Status.NO_ANSWER, Status.REFUSED)
_SWITCHED = frozenset({"light", "switch", "fan", "cover", "lock", "media_player"})
_SPOILED_WORDS = 2
_STOPS_RINGING = ("HassNevermind", "HassCancelTimer", "HassCancelAllTimers", "AssistantCancelAlarm")


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody said or typed."""

    text: str
    area: str | None = None
    """Id or name of the area it was said in; None: where the configured microphone is."""
    language: str | None = None
    """None: the home's."""
    alternatives: tuple[str, ...] = ()
    """What a recognizer thinks was said if not `text`, best first."""
    conversation: str = "default"
    """Who is talking: a question is answered only by the conversation it was put to."""
    dry_run: bool = False
    """Work out everything, send nothing."""

    def __post_init__(self) -> None:
        # Half a character, as JSON can hold it, could be neither printed nor published.
        whole = self.text.encode("utf-8", "replace").decode("utf-8")
        object.__setattr__(self, "text", whole)


@dataclass(frozen=True, slots=True)
class _Pending:
    outcomes: tuple[Outcome, ...]
    intents: tuple[Intent, ...]
    expires_s: float
    dry_run: bool


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
        self._pending: dict[str, _Pending] = {}

    @property
    def language(self) -> str:
        """The language spoken here."""
        return self.replies.language

    def waits_for_answer(self, conversation: str) -> bool:
        """Whether a question of ours is still open in `conversation`."""
        return self._open_question(conversation) is not None

    def forget_question(self, conversation: str) -> None:
        """Drop the question that is open in `conversation`: nobody answered it."""
        self._pending.pop(conversation, None)

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
        question = self._open_question(request.conversation)
        answer = self.understanding.answer(request.text) if question else None
        self._pending.pop(request.conversation, None)
        if question and answer == "no":
            self._observe(StageEvent(Stage.UNDERSTOOD, "no"))
            return replace(turn, intents=question.intents, reply=self.replies.render("cancelled"))
        if question and answer == "yes":
            turn = replace(turn, intents=question.intents, tier=question.intents[0].tier)
            understood_ms = (self._clock.monotonic() - started) * 1000
            self._observe(StageEvent(Stage.UNDERSTOOD, "yes", understood_ms))
            return await self._confirmed(request, turn, question, understood_ms)

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
        if not understood.intents:
            key = "errors.broker" if self._home_unknown else "not_understood"
            return replace(turn, reply=self.replies.render(key), failed=True)
        return await self._carry_out(request, turn, understood)

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
        if understood.intents or understood.answer or self._language_model is None:
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

    async def _carry_out(self, request: Request, turn: Turn, understood: Understood) -> Turn:
        started = self._clock.monotonic()

        async def perform(actions: Sequence[Action]) -> tuple[ActionResult, ...]:
            held = [understood.ask_first or self._sensitive(action) for action in actions]
            if request.dry_run:
                return tuple(
                    ActionResult(a, Status.AWAITING_CONFIRMATION if h else Status.DRY_RUN)
                    for a, h in zip(actions, held, strict=True)
                )
            free = [a for a, h in zip(actions, held, strict=True) if not h]
            done = iter(await self._bus.perform(free)) if free else iter(())
            return tuple(
                ActionResult(a, Status.AWAITING_CONFIRMATION) if h else next(done)
                for a, h in zip(actions, held, strict=True)
            )

        proposing = request.dry_run or understood.ask_first
        context = self._context(request, perform, proposing=proposing)
        outcomes = [await self._handle(intent, context) for intent in understood.intents]
        return self._finish(request, turn, outcomes, started)

    async def _handle(self, intent: Intent, context: SkillContext) -> Outcome:
        """One of several intents; that it failed takes nothing from what the others did."""
        try:
            return await handle_intent(intent, context)
        except AssistantError as error:
            _LOG.warning("%s failed: %s", intent.name, error)
            return Outcome(f"errors.{error.spoken}", failed=True)

    async def _confirmed(
        self, request: Request, turn: Turn, question: _Pending, understood_ms: float
    ) -> Turn:
        started = self._clock.monotonic()
        done = []
        for outcome in question.outcomes:
            actions = [r.action for r in outcome.results]
            if request.dry_run or question.dry_run:
                results = tuple(ActionResult(a, Status.DRY_RUN) for a in actions)
            else:
                results = await self._bus.perform(actions)
            done.append(replace(outcome, results=results))
        turn = replace(turn, timings_ms={"understand": round(understood_ms, 1)})
        return self._finish(request, turn, done, started)

    def _finish(
        self, request: Request, turn: Turn, outcomes: Sequence[Outcome], started: float
    ) -> Turn:
        results = tuple(result for outcome in outcomes for result in outcome.results)
        held = _held(outcomes)
        if held:
            now = self._clock.monotonic()
            self._pending = {k: p for k, p in self._pending.items() if p.expires_s >= now}
            self._pending[request.conversation] = _Pending(
                held, turn.intents, now + self._safety.confirm_timeout_s, request.dry_run
            )
        act_ms = (self._clock.monotonic() - started) * 1000
        self._observe(StageEvent(Stage.DONE, _summary(results), act_ms))
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
        said = list(dict.fromkeys(self._told(o) for o in map(_without_held, outcomes) if o))
        held = [result.action for outcome in _held(outcomes) for result in outcome.results]
        if held:
            said.append(self.replies.question(held, self._home))
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
        asked, done = Status.AWAITING_CONFIRMATION, Status.CONFIRMED
        return tuple(ActionResult(a, asked if self._sensitive(a) else done) for a in actions)

    def _context(self, request: Request, perform: Perform, *, proposing: bool) -> SkillContext:
        return SkillContext(
            home=self._home, perform=perform, clock=self._clock, schedule=self._schedule,
            language=self.language, area=request.area, proposing=proposing,
            own=self._own,
        )  # fmt: skip

    def _sensitive(self, action: Action) -> bool:
        return needs_yes(action, self._home.devices.get(action.device), self._safety.confirm)

    def _open_question(self, conversation: str) -> _Pending | None:
        pending = self._pending.get(conversation)
        if pending is not None and self._clock.monotonic() > pending.expires_s:
            del self._pending[conversation]
            return None
        return pending


def describe(understood: Understood) -> str:
    """What was understood, for people: "HassTurnOn name=Kitchen lights"."""
    if understood.answer:
        return "a question"
    parts = []
    for intent in understood.intents:
        slots = " ".join(f"{key}={value}" for key, value in intent.slots.items())
        parts.append(f"{intent.name} {slots}".strip())
    return ", ".join(parts) or "nothing"


def _is_held(outcome: Outcome) -> bool:
    return any(r.status is Status.AWAITING_CONFIRMATION for r in outcome.results)


def _held(outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """The outcomes that wait for a yes, with only those results that do."""
    return tuple(
        replace(
            outcome,
            results=tuple(r for r in outcome.results if r.status is Status.AWAITING_CONFIRMATION),
        )
        for outcome in outcomes
        if _is_held(outcome)
    )


def _without_held(outcome: Outcome) -> Outcome | None:
    """The part of an outcome to speak of now; None when all of it waits for a yes."""
    if not _is_held(outcome):
        return outcome
    done = tuple(r for r in outcome.results if r.status is not Status.AWAITING_CONFIRMATION)
    return replace(outcome, results=done, said="") if done else None


def _summary(results: Sequence[ActionResult]) -> str:
    return ", ".join(
        f"{r.action.service} {r.action.device}: {r.status.replace('_', ' ')}" for r in results
    )
