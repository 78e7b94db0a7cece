"""Wake words: an adapter for microWakeWord's packaged models.

Source: microWakeWord by Kevin Ahrendt (github.com/kahrendt/microWakeWord), a streaming
MixedNet over 40 log-mel features every 10 ms, run by TensorFlow Lite.
"""

from __future__ import annotations

from assistant.config import WakeSettings
from assistant.errors import ModelError
from assistant.types import SAMPLE_RATE, Samples

_REFRACTORY_S = 1.0
"""After a detection the probability stays high for a while: the same word is not heard twice."""


class MicroWakeWord:
    """Spots one of the packaged wake words; costs about 0.4% of a core.

    Raises `ModelError` when the package cannot load its model on this machine.
    """

    def __init__(self, settings: WakeSettings) -> None:
        from pymicro_wakeword import MicroWakeWord as Engine
        from pymicro_wakeword import MicroWakeWordFeatures, Model

        try:
            self._engine = Engine.from_builtin(Model(settings.word))
        except (OSError, ValueError, RuntimeError) as error:
            raise ModelError(
                f'The wake word "{settings.word}" cannot be loaded ({error}). Reinstall '
                "pymicro-wakeword, or set wake.enabled = false and use push-to-talk."
            ) from error
        self._features = MicroWakeWordFeatures()
        self.phrase: str = self._engine.wake_word
        """The wake word as it is said: "Okay Nabu"."""
        self.threshold: float = (
            self._engine.probability_cutoff if settings.threshold is None else settings.threshold
        )
        self._deaf_samples = 0

    def process(self, chunk: Samples) -> bool:
        """True when the wake word has just ended in `chunk`, `(n,)` int16, 16 kHz mono."""
        self._deaf_samples = max(0, self._deaf_samples - len(chunk))
        spotted = False
        for features in self._features.process_streaming(chunk.tobytes()):
            probability = self._engine.process_streaming_prob(features)
            spotted |= probability is not None and probability > self.threshold
        if not spotted or self._deaf_samples:
            return False
        self._deaf_samples = int(_REFRACTORY_S * SAMPLE_RATE)
        return True

    def reset(self) -> None:
        """Forget all audio."""
        self._engine.reset()
        self._features.reset()
        self._deaf_samples = 0
