"""Voice activity: an adapter for the Silero model on onnxruntime.

Source: Silero VAD (github.com/snakers4/silero-vad), version 5 and later: windows of 512 samples
at 16 kHz preceded by the last 64 samples of the window before, and a recurrent state of
`(2, 1, 128)`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from assistant.errors import ModelError
from assistant.types import SAMPLE_RATE, Samples

WINDOW_SAMPLES = 512
"""Samples the model looks at together: 32 ms."""

_CONTEXT_SAMPLES = 64


class SileroVad:
    """Probability that the newest 32 ms were speech; about 0.1 ms of one core for each.

    `path` is the ONNX file or the folder it is in. Raises `ModelError` when it is missing or
    is something else.
    """

    def __init__(self, path: Path) -> None:
        file = path if path.is_file() else next(iter(sorted(path.glob("*.onnx"))), path)
        if not file.is_file():
            raise ModelError(
                f"There is no voice activity model at {path}. Fetch it with: "
                "assistant models fetch silero-vad"
            )
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(
                str(file), options, providers=["CPUExecutionProvider"]
            )
            names = {node.name for node in self._session.get_inputs()}
        except Exception as error:  # onnxruntime's errors share no narrower class
            raise ModelError(_damaged(file, str(error).splitlines()[0])) from error
        if names != {"input", "state", "sr"}:
            raise ModelError(_damaged(file, f"its inputs are {', '.join(sorted(names))}"))
        self._rate = np.array(SAMPLE_RATE, dtype=np.int64)
        self._window = np.zeros((1, _CONTEXT_SAMPLES + WINDOW_SAMPLES), np.float32)
        self._state = np.zeros((2, 1, 128), np.float32)
        self._filled = 0
        self._probability = 0.0

    def process(self, chunk: Samples) -> float:
        """Probability 0..1 that the newest full window was speech; `(n,)` int16, 16 kHz mono."""
        taken = 0
        while taken < len(chunk):
            count = min(WINDOW_SAMPLES - self._filled, len(chunk) - taken)
            at = _CONTEXT_SAMPLES + self._filled
            np.multiply(
                chunk[taken : taken + count], 1 / 32768, out=self._window[0, at : at + count]
            )
            taken += count
            self._filled += count
            if self._filled == WINDOW_SAMPLES:
                self._infer()
        return self._probability

    def reset(self) -> None:
        """Forget all audio."""
        self._window.fill(0)
        self._state = np.zeros((2, 1, 128), np.float32)
        self._filled = 0
        self._probability = 0.0

    def _infer(self) -> None:
        output, self._state = self._session.run(
            None, {"input": self._window, "state": self._state, "sr": self._rate}
        )
        self._probability = float(output[0, 0])
        self._window[0, :_CONTEXT_SAMPLES] = self._window[0, -_CONTEXT_SAMPLES:]
        self._filled = 0


def _damaged(file: Path, why: str) -> str:
    return (
        f"{file} is not the Silero voice activity model or is damaged ({why}). "
        "Fetch it again with: assistant models fetch silero-vad"
    )
