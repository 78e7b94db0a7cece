"""Where sound comes from: a microphone, or memory standing in for one."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncGenerator, Callable
from typing import Any

import numpy as np

from assistant.audio import devices
from assistant.audio.resample import Resampler
from assistant.audio.ring import Ring
from assistant.errors import AudioError
from assistant.types import CHUNK_SAMPLES, SAMPLE_RATE, Samples

_LOG = logging.getLogger(__name__)

CHUNK_S = CHUNK_SAMPLES / SAMPLE_RATE

_RING_S = 5
_STALL_S = 2.0
_BLOCKS_PER_S = 50
_COMPLAIN_EVERY_S = 60.0


class MicrophoneSource:
    """A microphone at its own rate and channels, heard as 16 kHz mono.

    PortAudio's thread only copies into a ring of 5 s. When nobody reads in time the oldest sound
    is lost, counted in `overflowed_frames` and logged once a minute.
    """

    realtime = True

    def __init__(self, device: devices.Device) -> None:
        self._device = device
        self._stream: Any = None
        self._in_use = False
        self._closing = False
        self._arrived = asyncio.Event()
        self._lost = ""
        self.overflowed_frames = 0
        """Frames of the device that were lost because nobody read them in time."""
        devices.hold(self)

    async def chunks(self) -> AsyncGenerator[Samples, None]:
        """Chunks of `(320,)` int16, 16 kHz mono; opens the device.

        Raises `AudioError` when it cannot be opened, is unplugged or delivers nothing for 2 s.
        """
        self._in_use = True
        try:
            ring = await self._open()
        except BaseException:
            self._in_use = False
            raise
        resampler = Resampler(self._device.sample_rate)
        pending = np.zeros(0, np.int16)
        complained_s = -_COMPLAIN_EVERY_S
        try:
            while self._stream is not None:
                await self._wait_for_sound()
                pending = np.concatenate((pending, resampler.process(ring.read())))
                while len(pending) >= CHUNK_SAMPLES:
                    yield pending[:CHUNK_SAMPLES]
                    pending = pending[CHUNK_SAMPLES:]
                if ring.dropped > self.overflowed_frames:
                    self.overflowed_frames = ring.dropped
                    if time.monotonic() - complained_s >= _COMPLAIN_EVERY_S:
                        complained_s = time.monotonic()
                        _LOG.warning("too slow: %d frames of sound were lost", ring.dropped)
        finally:
            await self.close()

    async def close(self) -> None:
        """Let go of the device; idempotent."""
        self._closing = True
        stream, self._stream = self._stream, None
        self._arrived.set()
        if stream is not None:
            await asyncio.to_thread(_close, stream)
        self._in_use = False

    def release(self) -> bool:
        """Whether the microphone is closed; an open one is always in use."""
        return not self._in_use

    async def _wait_for_sound(self) -> None:
        try:
            async with asyncio.timeout(_STALL_S):
                await self._arrived.wait()
            self._arrived.clear()
        except TimeoutError as error:
            self._lost = self._lost or "it delivers no sound"
            raise AudioError(self._gone()) from error
        if self._lost:
            raise AudioError(self._gone())

    def _gone(self) -> str:
        return (
            f'The microphone "{self._device.name}" is gone ({self._lost}); plug it in again or '
            "choose another with audio.input."
        )

    async def _open(self) -> Ring:
        sound = devices.portaudio()
        loop = asyncio.get_running_loop()
        self._lost = ""
        self._closing = False
        failure: Exception | None = None
        for channels in dict.fromkeys((min(2, self._device.inputs), self._device.inputs, 1)):
            ring = Ring(_RING_S * self._device.sample_rate, channels)
            callback = self._callback(ring, channels, loop)
            try:
                self._stream = await asyncio.to_thread(
                    devices.started, sound.RawInputStream, self._device, channels, callback,
                    self._ended(loop), blocks_per_s=_BLOCKS_PER_S,
                )  # fmt: skip
            except (sound.PortAudioError, ValueError) as error:
                failure = error
                continue
            return ring
        raise AudioError(
            f'The microphone "{self._device.name}" cannot be opened ({failure}); see whether '
            "another program uses it, or choose another with audio.input."
        ) from failure

    def _callback(
        self, ring: Ring, channels: int, loop: asyncio.AbstractEventLoop
    ) -> Callable[..., None]:
        def callback(data: Any, frames: int, time_info: Any, status: Any) -> None:
            del frames, time_info, status
            ring.write(np.frombuffer(data, np.int16).reshape(-1, channels))
            with contextlib.suppress(RuntimeError):  # the loop is closed at shutdown
                loop.call_soon_threadsafe(self._arrived.set)

        return callback

    def _ended(self, loop: asyncio.AbstractEventLoop) -> Callable[[], None]:
        def ended() -> None:
            if not self._closing:
                self._lost = "it was unplugged"
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._arrived.set)

        return ended


def _close(stream: Any) -> None:
    stream.abort(ignore_errors=True)
    stream.close(ignore_errors=True)


class MemorySource:
    """Plays samples, `(n,)` int16 16 kHz mono, as if into a microphone; more may be fed later.

    With `realtime` chunks come at the pace of real time, else as fast as they are taken. An
    `endless` source goes on with silence when it has nothing to play (at the pace of real time)
    or waits for more (otherwise); one that is not endless ends.
    """

    def __init__(self, samples: Samples, realtime: bool = False, endless: bool = False) -> None:
        self.realtime = realtime
        self._endless = endless
        self._queued = np.asarray(samples, np.int16)
        self._fed = asyncio.Event()
        self._drained = asyncio.Event()
        self._closed = False

    def feed(self, samples: Samples) -> None:
        """Play this after what is queued."""
        self._queued = np.concatenate((self._queued, samples))
        self._drained.clear()
        self._fed.set()

    async def drained(self) -> None:
        """Wait until the last sample fed has been heard."""
        if self._queued.size:
            await self._drained.wait()

    async def chunks(self) -> AsyncGenerator[Samples, None]:
        """Chunks of `(320,)` int16, 16 kHz mono; the last is padded with silence."""
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        while not self._closed:
            if not self._queued.size:
                self._drained.set()
                if not self._endless:
                    return
                if not self.realtime:
                    self._fed.clear()
                    await self._fed.wait()
                    continue
            if self.realtime:
                due_s = max(due_s + CHUNK_S, loop.time() - 1.0)
                await asyncio.sleep(due_s - loop.time())
            chunk = np.zeros(CHUNK_SAMPLES, np.int16)
            taken = self._queued[:CHUNK_SAMPLES]
            chunk[: len(taken)] = taken
            self._queued = self._queued[CHUNK_SAMPLES:]
            if len(taken) and not self._queued.size:
                self._drained.set()
            yield chunk

    async def close(self) -> None:
        """End `chunks`; idempotent."""
        self._closed = True
        self._fed.set()
