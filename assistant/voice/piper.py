"""Speech from a Piper voice (a VITS network in ONNX; https://github.com/OHF-Voice/piper1-gpl)."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from assistant.errors import ModelError

if TYPE_CHECKING:
    import onnxruntime
    from piper.config import PiperConfig

_LOG = logging.getLogger(__name__)

_INPUTS = frozenset({"input", "input_lengths", "scales"})
_MOST_THREADS = 4
_LEAD_S = 0.02
_SILENCE = 200


class PiperSynthesizer:
    """One Piper voice. Blocking; use it from one thread, but for `cancel`."""

    def __init__(self, directory: Path, *, speed: float = 1.0) -> None:
        """`directory` holds `<name>.onnx` and `<name>.onnx.json`.

        Raises `ModelError` for a voice that is missing, damaged or no Piper voice.
        """
        path = _voice_file(directory)
        config = _config(path)
        self._session = _Session(path)

        from piper.config import SynthesisConfig
        from piper.voice import PiperVoice

        self._voice = PiperVoice(session=self._session, config=config)
        self._style = SynthesisConfig(length_scale=config.length_scale / speed)
        self.sample_rate: int = config.sample_rate
        self._name = path.stem

    def synthesize(self, text: str) -> Iterator[npt.NDArray[np.int16]]:
        """One piece of `(n,)` int16 mono at `sample_rate` per sentence of `text`.

        Nothing for a text without anything to pronounce. Raises `ModelError`.
        """
        self._session.begin()
        first = True
        try:
            for chunk in self._voice.synthesize(text, syn_config=self._style):
                samples: npt.NDArray[np.int16] = chunk.audio_int16_array
                if samples.ndim == 1 and samples.size:
                    yield _without_lead(samples, self.sample_rate) if first else samples
                    first = False
        except _InterruptedError:
            return
        except _synthesis_errors() as error:
            raise ModelError(
                f"the voice {self._name} failed on a text of {len(text)} characters ({error})"
            ) from error

    def cancel(self) -> None:
        """End a `synthesize` that runs in another thread, within a few milliseconds."""
        self._session.cancel()

    def close(self) -> None:
        """Free the model."""
        self._voice = None
        self._session.close()


class _InterruptedError(Exception):
    """`cancel` was called."""


class _Session:
    """What `PiperVoice` takes for its ONNX session: the real one, made interruptible."""

    def __init__(self, path: Path) -> None:
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = min(os.cpu_count() or 1, _MOST_THREADS)
        options.inter_op_num_threads = 1
        # Sentences differ in length: arenas and patterns would keep 80 MB for the longest one.
        options.enable_cpu_mem_arena = False
        options.enable_mem_pattern = False
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            self._session: onnxruntime.InferenceSession | None = ort.InferenceSession(
                str(path), sess_options=options, providers=["CPUExecutionProvider"]
            )
        except _onnx_errors() as error:
            reason = str(error).splitlines()[0][:200]
            raise ModelError(
                f"the voice {path} is damaged or no ONNX model ({reason}): {_again(path)}"
            ) from error
        names = {each.name for each in self._session.get_inputs()}
        if not names >= _INPUTS:
            raise ModelError(
                f"{path} is a model of another kind, not a Piper voice: {_again(path)}"
            )
        self._new_options = ort.RunOptions
        self._options: onnxruntime.RunOptions | None = None
        self._cancelled = False

    def begin(self) -> None:
        self._cancelled = False

    def run(self, outputs: None, inputs: dict[str, Any]) -> list[Any]:
        """As `onnxruntime.InferenceSession.run`; raises `_InterruptedError` once cancelled."""
        session = self._session
        self._options = self._new_options()
        if self._cancelled or session is None:
            raise _InterruptedError
        try:
            return list(session.run(outputs, inputs, self._options))
        except _onnx_errors():
            if self._cancelled:
                raise _InterruptedError from None
            raise
        finally:
            self._options = None

    def cancel(self) -> None:
        self._cancelled = True
        options = self._options
        if options is not None:
            options.terminate = True

    def close(self) -> None:
        self._session = None


def _onnx_errors() -> tuple[type[Exception], ...]:
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    names = (
        "Fail", "InvalidArgument", "InvalidGraph", "InvalidProtobuf", "NoSuchFile", "NoModel",
        "NotImplemented", "RuntimeException", "EngineError", "EPFail", "ModelLoaded",
    )  # fmt: skip
    return tuple(getattr(state, name) for name in names if hasattr(state, name))


def _synthesis_errors() -> tuple[type[Exception], ...]:
    return (*_onnx_errors(), RuntimeError, ValueError)


def _voice_file(directory: Path) -> Path:
    named = directory / f"{directory.name}.onnx"
    found = [named] if named.is_file() else sorted(directory.glob("*.onnx"))
    if not found:
        raise ModelError(f"there is no Piper voice (*.onnx) in {directory}: {_again(named)}")
    if found[0].stat().st_size == 0:
        raise ModelError(f"the voice {found[0]} is empty: {_again(found[0])}")
    return found[0]


def _config(path: Path) -> PiperConfig:
    from piper.config import PiperConfig

    config = path.with_name(path.name + ".json")
    try:
        return PiperConfig.from_dict(json.loads(config.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise ModelError(f"the voice's description {config} is missing: {_again(path)}") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(
            f"the voice's description {config} cannot be used ({error!r}): {_again(path)}"
        ) from error


def _again(path: Path) -> str:
    return f"run `assistant models fetch {path.stem}`"


def _without_lead(samples: npt.NDArray[np.int16], sample_rate: int) -> npt.NDArray[np.int16]:
    """Without most of the silence that the network begins with: it would delay the answer."""
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > _SILENCE)
    first = int(loud[0]) if loud.size else 0
    return samples[max(0, first - round(_LEAD_S * sample_rate)) :]
