"""The microphone: opened, kept open through every fault, and closed when somebody mutes it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from assistant.audio.devices import find_input
from assistant.audio.sources import MicrophoneSource
from assistant.ears.events import EarEvent, Reason
from assistant.ears.listener import Completer, Ears
from assistant.ears.wake import MicroWakeWord
from assistant.engines import Hearing, load_vad
from assistant.errors import AudioError, ModelError
from assistant.household import Household
from assistant.ports import AudioSource, Recognizer

_LOG = logging.getLogger(__name__)
_RETRY_S = (2.0, 5.0, 15.0, 30.0)
_STEADY_S = 30.0
"""A microphone that was listened to for so long has come back for good."""

_MUTED = "muted"


class Microphone:
    """Listens for ever and hands on what the ears tell. Belongs to the event loop.

    `open_source` stands in for the configured device. `on_idle` is called whenever it was opened,
    closed or lost. While it is muted the device is closed, so that nothing can hear anything.
    """

    def __init__(
        self,
        household: Household,
        hearing: Hearing,
        *,
        open_source: Callable[[], AudioSource] | None,
        completeness: Completer,
        unsure: Callable[[str], None],
        on_event: Callable[[EarEvent], None],
        on_idle: Callable[[], None],
    ) -> None:
        self._household = household
        self._hearing = hearing
        self._open_source = open_source
        self._completeness = completeness
        self._unsure = unsure
        self._on_event = on_event
        self._on_idle = on_idle
        self._ears: Ears | None = None
        self._task: asyncio.Task[None] | None = None
        self._unmuted = asyncio.Event()
        self._unmuted.set()

    @property
    def is_open(self) -> bool:
        """Whether sound comes in now."""
        return self._ears is not None

    @property
    def listening(self) -> bool:
        """Whether somebody is listened to: the wake word was heard, or a button pressed."""
        return self._ears is not None and self._ears.listening

    @property
    def muted(self) -> bool:
        """Whether it stays closed until somebody unmutes it."""
        return not self._unmuted.is_set()

    def restore(self) -> None:
        """Be muted if it was when the assistant ended. Raises `StoreError`."""
        if self._household.kept.get(_MUTED) == "yes":
            self._unmuted.clear()

    def mute(self, muted: bool) -> None:
        """Close the device and forget what is being said, or open it again; also after a restart.

        Raises `StoreError` where that cannot be kept; it is done all the same.
        """
        if muted == self.muted:
            return
        if muted:
            self._unmuted.clear()
            self._ears = None
            if self._task is not None:
                self._task.cancel()
        else:
            self._unmuted.set()
        _LOG.info("the microphone is %s", "muted" if muted else "unmuted")
        self._on_idle()
        self._household.kept.put(_MUTED, "yes" if muted else "no")

    def listen(self, reason: Reason) -> None:
        """Listen for one utterance without the wake word. Raises `AudioError`."""
        if self.muted:
            raise AudioError("The microphone is muted; open it with: assistant unmute")
        if self._ears is None:
            raise AudioError("There is no microphone to open.")
        self._ears.open(reason)

    def forget(self) -> None:
        """Drop the utterance that is listened to, if there is one."""
        if self._ears is not None and self._ears.listening:
            self._ears.cancel()

    def speaking(self, speaking: bool) -> None:
        """The assistant itself begins or ends to speak: only the wake word is listened for."""
        if self._ears is not None:
            self._ears.muted = speaking

    async def attend(self, recognizer: Recognizer) -> None:
        """Listen for ever; a microphone that goes away is waited for, a missing model is not."""
        clock = self._household.clock
        failures = 0
        while True:
            await self._unmuted.wait()
            began_s = clock.monotonic()
            try:
                if await self._listen_until_muted(recognizer):
                    continue
                return
            except ModelError as error:
                self._household.notice(f"It cannot hear: {error}", logging.WARNING)
                return
            except AudioError as error:
                sentence = f"{str(error).rstrip('.')}. Until then it is reachable by text."
            except Exception:  # the supervisor of hearing: an assistant must not stay deaf
                _LOG.exception("listening failed")
                sentence = "Listening failed; the log says why. It tries again."
            finally:
                self._ears = None
                self._on_idle()
            failures = 1 if clock.monotonic() - began_s > _STEADY_S else failures + 1
            if failures == 1:
                self._household.notice(sentence)
            await asyncio.sleep(_RETRY_S[min(failures, len(_RETRY_S)) - 1])

    async def _listen_until_muted(self, recognizer: Recognizer) -> bool:
        """Whether it was muted; else the source has ended. Raises what listening does."""
        task = self._task = asyncio.create_task(self._listen(recognizer), name="microphone")
        try:
            await asyncio.wait([task])
        finally:
            task.cancel()
            await asyncio.wait([task])
        if task.cancelled():
            return True
        task.result()
        return self.muted

    async def _listen(self, recognizer: Recognizer) -> None:
        settings = self._household.settings
        source = self._open_source() if self._open_source else await self._device()
        try:
            vad = await asyncio.to_thread(load_vad, self._household.models)
            wake = await asyncio.to_thread(MicroWakeWord, settings.wake)
            self._ears = Ears(
                source, wake=wake, vad=vad, recognizer=recognizer, worker=self._hearing.worker,
                completeness=self._completeness, unsure=self._unsure,
                settings=settings.listening, wake_enabled=settings.wake.enabled,
            )  # fmt: skip
            self._on_idle()
            async for event in self._ears.events():
                self._on_event(event)
        finally:
            await source.close()

    async def _device(self) -> AudioSource:
        device = await asyncio.to_thread(find_input, self._household.settings.audio.input)
        if isinstance(device, str):
            raise AudioError(device)
        return MicrophoneSource(device)
