"""One exchange with a daemon as a person in the room follows it: what is said, heard and seen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from brokers import eventually

from assistant.audio import to_pcm16k
from assistant.audio.sources import MemorySource
from assistant.config import Settings
from assistant.events import Event, Stage, StageEvent
from assistant.models import ModelStore
from assistant.rehearsal import Rehearsal, silence
from assistant.types import Samples, Turn

COMMAND = "turn on the kitchen lights"
NEXT = "turn off the bedroom lights"

_LIMIT_S = 40.0
_LOUD = 1000


class Voice:
    """The installed English voice; each sentence is synthesized once, and always the same."""

    def __init__(self) -> None:
        from piper import PiperVoice, SynthesisConfig

        store = ModelStore.from_settings(Settings())
        self._engine = PiperVoice.load(store.require("voice", engine="piper", language="en").file)
        self._style = SynthesisConfig(noise_scale=0.0, noise_w_scale=0.0)
        self._made: dict[str, Samples] = {}

    def __call__(self, text: str) -> Samples:
        """`text` spoken: `(n,)` int16, 16 kHz mono, without silence at its end."""
        if text not in self._made:
            pieces = self._engine.synthesize(text, self._style)
            sound = np.concatenate([piece.audio_int16_array for piece in pieces])
            samples = to_pcm16k(sound, self._engine.config.sample_rate)
            loud = np.flatnonzero(np.abs(samples) > 0.02 * np.abs(samples).max())
            self._made[text] = samples[: loud[-1] + 1]
        return self._made[text]


def fast_microphone() -> MemorySource:
    """A microphone that hears as fast as it is listened to."""
    return MemorySource(np.zeros(0, np.int16), realtime=False, endless=True)


def rehearsal_settings(**sections: object) -> Settings:
    """Settings without language model and chime, on the models that are installed."""
    base: dict[str, object] = {
        "llm": {"enabled": False},
        "wake": {"chime": False},
        "mqtt": {"port": 18832, "confirm_timeout_s": 1.0},
    }
    return Settings.model_validate({**base, **sections})


@dataclass(frozen=True)
class Exchange:
    """What came of one utterance."""

    turn: Turn | None
    """None: nothing was understood to be a request."""
    said: str
    sound: Samples
    """All that the loudspeaker played, `(n,)` int16, 16 kHz mono."""
    notices: str

    @property
    def spoken_aloud(self) -> bool:
        """Whether the reply was a sound that can be heard, about as long as its words."""
        seconds = np.count_nonzero(np.abs(self.sound) > _LOUD) / 16_000
        return bool(self.said) and len(self.sound) > 8000 and seconds > 0.1

    @property
    def confirmed(self) -> bool:
        """Whether every device that was asked has shown that it obeyed."""
        results = self.turn.results if self.turn is not None else ()
        return bool(results) and all(result.status == "confirmed" for result in results)


async def talk(stage: Rehearsal, *pieces: Samples) -> Exchange:
    """Make sounds, a wake word among them, and wait until the assistant has done with them."""
    events: list[Event] = []
    stage.daemon.observe(events.append)
    stage.sink.written.clear()
    try:
        await stage.feed(*pieces, silence(1.5))
        await eventually(lambda: _over(events), _LIMIT_S)
    finally:
        stage.household.observers.remove(events.append)
    return Exchange(
        turn=next((e for e in events if isinstance(e, Turn)), None),
        said=_texts(events, Stage.SAID),
        sound=np.concatenate(
            [
                np.zeros(0, np.int16),
                *(to_pcm16k(w.samples, w.sample_rate) for w in stage.sink.written),
            ]
        ),
        notices=_texts(events, Stage.NOTICE),
    )


async def command(stage: Rehearsal, voice: Voice, text: str) -> Exchange:
    """Say the wake word and a command."""
    return await talk(stage, silence(1.2), voice("okay nabu"), silence(0.4), voice(text))


async def obeys(stage: Rehearsal, voice: Voice) -> bool:
    """Whether the next spoken command is carried out and answered aloud."""
    answer = await command(stage, voice, NEXT)
    return answer.confirmed and answer.spoken_aloud


def models_without(folder: Path, *names: str) -> Path:
    """A models folder with links to all installed models but those named."""
    folder.mkdir()
    for model in ModelStore.from_settings(Settings()).installed():
        if model.name not in names:
            (folder / model.name).symlink_to(model.path)
    return folder


def _over(events: list[Event]) -> bool:
    stages = [event.stage for event in events if isinstance(event, StageEvent)]
    return Stage.LISTENING in stages and stages[-1] is Stage.IDLE


def _texts(events: list[Event], stage: Stage) -> str:
    return " ".join(e.text for e in events if isinstance(e, StageEvent) and e.stage is stage)
