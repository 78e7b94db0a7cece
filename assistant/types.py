"""What travels between the rooms: frozen values, no logic, no imports from the rest.

Audio is always `Samples`: shape `(n,)`, int16, 16 kHz mono, unless a field says otherwise.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

SAMPLE_RATE = 16_000
"""Sample rate in Hz of all audio past the audio room's door."""

CHUNK_SAMPLES = 320
"""Samples in one chunk of live audio: 20 ms."""

Samples = npt.NDArray[np.int16]

SlotValue = str | int | float | bool | tuple[int, ...] | tuple[str, ...]


Weigh = Callable[[Sequence[str]], Awaitable[Sequence[float]]]
"""How well each of some texts fits what was heard: natural logarithms of probabilities.

Empty where the recognizer cannot tell.
"""


Written = Callable[[str], None]
"""Is given each sentence of an answer as soon as it is there. Belongs to the event loop."""


class Tier(StrEnum):
    """The stage of understanding that produced an intent."""

    TEMPLATE = "template"
    REPAIR = "repair"
    KNOWLEDGE = "knowledge"
    """Quoted from the household's own documents."""
    LLM = "llm"


class Completeness(StrEnum):
    """What understanding thinks of a partial transcript; decides how long endpointing waits."""

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    UNKNOWN = "unknown"


class Status(StrEnum):
    """What became of one action."""

    CONFIRMED = "confirmed"
    """The device's own state topic showed the wanted state."""
    SENT = "sent"
    """Published, and the device has no state topic to confirm it."""
    UNAVAILABLE = "unavailable"
    """The device said that it is offline, or the broker is not connected: nothing was sent."""
    NO_ANSWER = "no_answer"
    """Published, but the state topic did not show the wanted state within the time limit."""
    REFUSED = "refused"
    """The device cannot do it (no such feature, value out of range): nothing was sent."""
    DRY_RUN = "dry_run"
    """Not sent, as asked for."""
    AWAITING_CONFIRMATION = "awaiting_confirmation"
    """Not sent: the assistant has asked whether it should."""


@dataclass(frozen=True, slots=True)
class Word:
    """One recognized word; times in seconds from the start of the utterance."""

    text: str
    start_s: float
    end_s: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a recognizer wrote for an utterance, or for the part of it heard so far."""

    text: str
    language: str
    confidence: float | None = None
    """0..1, or None where the engine gives none."""
    words: tuple[Word, ...] = ()
    alternatives: tuple[str, ...] = ()
    """Other readings, best first, without `text` itself."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What somebody wants: a name and slots in Home Assistant's vocabulary."""

    name: str
    slots: Mapping[str, SlotValue] = field(default_factory=dict)
    tier: Tier = Tier.TEMPLATE
    device_ids: tuple[str, ...] = ()
    """Devices already chosen (by the language model, say); empty: resolve the slots."""
    text: str = ""
    """The words it came from."""
    response: str = "default"
    """The template's response key."""


@dataclass(frozen=True, slots=True)
class Action:
    """One command to one device, in Home Assistant's service and field names.

    Raises nothing; `service` is `<domain>.<service>`, `data` its fields, e.g.
    `Action("light.turn_on", "kitchen_ceiling", {"brightness_pct": 40})`.
    """

    service: str
    device: str
    data: Mapping[str, SlotValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ActionResult:
    """One action and what really happened."""

    action: Action
    status: Status
    detail: str = ""
    """For the log and `explain`: why it was refused, what the device said instead."""


@dataclass(frozen=True, slots=True)
class Option:
    """A timer, an alarm or a reminder, one of several that may be meant."""

    key: str
    """Its id."""
    name: str = ""
    """Empty: it has none."""
    lengths_s: tuple[float, ...] = ()
    """Of a timer: as it was set, and what is left."""
    minute: int | None = None
    """Of the day, of what has a time of day."""


@dataclass(frozen=True, slots=True)
class Missing:
    """What has to be asked for before an intent can be carried out."""

    slot: str
    """The slot that the answer fills; "name": one of several devices."""
    candidates: tuple[str, ...] = ()
    """Ids of the devices between which nothing decides."""
    options: tuple[Option, ...] = ()
    """Other things (timers, alarms, reminders) between which nothing decides; in the order in
    which they are told. The slot `which` is to have the key of the one that is meant."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a skill did: its results, and which reply says so."""

    reply: str
    """Key of a reply template, e.g. "HassTurnOn.default" or "timer.started"."""
    slots: Mapping[str, object] = field(default_factory=dict)
    """Values for the reply template."""
    results: tuple[ActionResult, ...] = ()
    failed: bool = False
    """True where nothing could be done (no such device, nothing to cancel)."""
    said: str = ""
    """A reply worded already: said if all of `results` were done."""
    devices: tuple[str, ...] = ()
    """Ids of the devices that were asked about; those of `results` need not be named."""
    missing: Missing | None = None
    """The reply asks for this; nothing was done."""
    announcement: str = ""
    """Key of the reply that everybody in the house is to hear; empty: there is none."""
    intent: Intent | None = None
    """What was asked for."""


@dataclass(frozen=True, slots=True)
class Understood:
    """The verdict of understanding on one transcript."""

    intents: tuple[Intent, ...] = ()
    """In spoken order; empty: not understood, or an answer without action."""
    tier: Tier | None = None
    answer: str = ""
    """A spoken answer that needs no skill (the language model's)."""
    ask_first: bool = False
    """True: nothing may be done before the person has said yes."""
    meant: str = ""
    """The request that was probably meant, where that has to be asked before anything is done."""
    unclear: bool = False
    """True: something is wanted, but not which; that is asked back."""


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
    weigh: Weigh | None = field(default=None, compare=False, repr=False)
    """Asks the recognizer; None for what was typed."""
    written: Written | None = field(default=None, compare=False, repr=False)
    """Is told the sentences of an answer while it is being written; None: it is wanted whole."""

    def __post_init__(self) -> None:
        # Half a character, as JSON can hold it, could be neither printed nor published.
        whole = self.text.encode("utf-8", "replace").decode("utf-8")
        object.__setattr__(self, "text", whole)


@dataclass(frozen=True, slots=True)
class Turn:
    """One finished exchange."""

    id: str
    text: str
    language: str
    area: str | None
    tier: Tier | None
    intents: tuple[Intent, ...]
    results: tuple[ActionResult, ...]
    reply: str
    question: bool = False
    """True when the assistant waits for an answer."""
    failed: bool = False
    """True when what was asked could not be done, or was not understood."""
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    """Milliseconds per stage; keys in docs/ask.md."""
    conversation: str = ""
    """Whose turn it was: only there can a question be answered."""
    announcement: str = ""
    """What everybody in the house is to hear, besides the reply to who asked for it."""
