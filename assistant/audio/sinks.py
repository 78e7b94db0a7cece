"""Where sound goes: a loudspeaker, memory, or nowhere."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.audio import devices
from assistant.audio.resample import Resampler
from assistant.errors import AudioError
from assistant.types import Samples

_BUFFER_S = 1.0
_STALL_S = 2.0
_BLOCKS_PER_S = 100


class LoudspeakerSink:
    """A loudspeaker. Opens with the first sound and resamples to the device's own rate.

    PortAudio's thread takes 10 ms at a time from a queue of 1 s, so that `stop` is heard at once.
    """

    def __init__(self, device: devices.Device) -> None:
        self._device = device
        self._stream: Any = None
        self._opening = False
        self._queue: deque[Samples] = deque()
        self._queued = 0
        self._lock = Lock()
        self._taken = asyncio.Event()
        self._lost = False
        self._resampler: Resampler | None = None
        self._rate = 0
        self._stops = 0
        devices.hold(self)

    async def write(self, samples: npt.NDArray[np.int16], sample_rate: int) -> None:
        """Queue `(n,)` int16 mono at `sample_rate` Hz; waits while more than 1 s is queued.

        Raises `AudioError` when the device cannot be opened or goes away.
        """
        await self._open()
        if self._resampler is None or sample_rate != self._rate:
            self._rate = sample_rate
            self._resampler = Resampler(sample_rate, self._device.sample_rate)
        stops = self._stops
        await self._until(lambda: self._queued_s() < _BUFFER_S or stops != self._stops)
        if stops == self._stops:
            self._push(self._resampler.process(samples))

    async def drain(self) -> None:
        """Wait until all that was written has been heard. Raises `AudioError`."""
        if self._resampler is not None:
            self._push(self._resampler.flush())
            self._resampler = None
        if self._stream is None:
            return
        stops = self._stops
        await self._until(lambda: not self._queued or stops != self._stops)
        if stops == self._stops:
            await asyncio.sleep(float(self._stream.latency))

    def stop(self) -> None:
        """Fall silent within 50 ms and forget what was queued."""
        with self._lock:
            self._queue.clear()
            self._queued = 0
        self._stops += 1
        self._resampler = None
        self._taken.set()

    async def close(self) -> None:
        """Let go of the device; idempotent."""
        self.stop()
        stream, self._stream = self._stream, None
        if stream is not None:
            await asyncio.to_thread(stream.close, ignore_errors=True)

    def release(self) -> bool:
        """Let go of the device unless it is sounding; whether it is let go."""
        if self._opening or (self._queued and not self._lost):
            return False
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close(ignore_errors=True)
        return True

    def _push(self, samples: Samples) -> None:
        if len(samples):
            with self._lock:
                self._queue.append(samples)
                self._queued += len(samples)

    def _queued_s(self) -> float:
        return self._queued / self._device.sample_rate

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self._taken.clear()
            try:
                async with asyncio.timeout(_STALL_S):
                    await self._taken.wait()
            except TimeoutError:
                self._lost = True
            if self._lost:
                await self.close()
                raise AudioError(
                    f'The loudspeaker "{self._device.name}" is gone; plug it in again or choose '
                    "another with audio.output."
                )

    async def _open(self) -> None:
        if self._stream is not None:
            return
        sound = devices.portaudio()
        loop = asyncio.get_running_loop()
        self._lost = False
        failure: Exception | None = None
        self._opening = True
        try:
            for channels in dict.fromkeys((1, min(2, self._device.outputs), self._device.outputs)):
                try:
                    self._stream = await asyncio.to_thread(self._start, sound, channels, loop)
                except (sound.PortAudioError, ValueError) as error:
                    failure = error
                    continue
                return
        finally:
            self._opening = False
        raise AudioError(
            f'The loudspeaker "{self._device.name}" cannot be opened ({failure}); see whether '
            "another program uses it, or choose another with audio.output."
        ) from failure

    def _start(self, sound: Any, channels: int, loop: asyncio.AbstractEventLoop) -> Any:
        def notify() -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed at shutdown
                loop.call_soon_threadsafe(self._taken.set)

        def callback(data: Any, frames: int, time_info: Any, status: Any) -> None:
            del frames, time_info, status
            out = np.frombuffer(data, np.int16).reshape(-1, channels)
            self._fill(out)
            notify()

        def ended() -> None:
            self._lost = self._stream is not None
            notify()

        return devices.started(
            sound.RawOutputStream, self._device, channels, callback, ended,
            blocks_per_s=_BLOCKS_PER_S, latency="low",
        )  # fmt: skip

    def _fill(self, out: npt.NDArray[np.int16]) -> None:
        """Fill `(n, channels)` from the queue, the rest with silence."""
        filled = 0
        with self._lock:
            while filled < len(out) and self._queue:
                piece = self._queue[0]
                count = min(len(piece), len(out) - filled)
                out[filled : filled + count] = piece[:count, None]
                filled += count
                if count == len(piece):
                    self._queue.popleft()
                else:
                    self._queue[0] = piece[count:]
            self._queued -= filled
        out[filled:] = 0


@dataclass(frozen=True, slots=True)
class Written:
    """One piece of sound that was written to a `MemorySink`."""

    at_s: float
    """Monotonic time of the write."""
    samples: npt.NDArray[np.int16]
    sample_rate: int


class MemorySink:
    """Keeps what is played, which takes it no time."""

    def __init__(self) -> None:
        self.written: list[Written] = []
        """All that was written, in order, what was stopped included."""
        self.stops = 0
        """How often it was told to fall silent."""

    @property
    def duration_s(self) -> float:
        """Seconds of sound written."""
        return sum(len(piece.samples) / piece.sample_rate for piece in self.written)

    async def write(self, samples: npt.NDArray[np.int16], sample_rate: int) -> None:
        """Keep `(n,)` int16 mono at `sample_rate` Hz."""
        self.written.append(Written(time.monotonic(), samples.copy(), sample_rate))

    async def drain(self) -> None:
        """Nothing to wait for."""

    def stop(self) -> None:
        """Count it."""
        self.stops += 1

    async def close(self) -> None:
        """Nothing to let go of."""


class NullSink:
    """Takes everything and plays nothing: a machine without a loudspeaker."""

    async def write(self, samples: npt.NDArray[np.int16], sample_rate: int) -> None:
        """Forget it."""

    async def drain(self) -> None:
        """Nothing to wait for."""

    def stop(self) -> None:
        """Nothing to stop."""

    async def close(self) -> None:
        """Nothing to let go of."""
