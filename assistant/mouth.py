"""What the assistant says, rings, and prepares to say."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable

from assistant.conversation import Request
from assistant.errors import AssistantError, AudioError
from assistant.events import Stage, StageEvent
from assistant.household import Household
from assistant.schedule.schedule import Ring
from assistant.tasks import Tasks
from assistant.turn_json import ring_to_json
from assistant.voice.speaker import Speaker

_LIKELY_REPLIES = 40
_IDLE_PAUSE_S = 0.5
_RETRY_S = 2.0


class Mouth:
    """Speaks and rings through one speaker. Belongs to the event loop.

    Without a `speaker` everything is only shown. `on_speaking` is told when speech begins and
    ends. `busy` says whether somebody is listened to or answered: rings wait for the end of that.
    """

    def __init__(
        self,
        household: Household,
        tasks: Tasks,
        *,
        on_speaking: Callable[[bool], None],
        busy: Callable[[], bool],
    ) -> None:
        self.speaker: Speaker | None = None
        self._household = household
        self._tasks = tasks
        self._on_speaking = on_speaking
        self._busy = busy
        self._unannounced: list[tuple[Ring, str]] = []
        self._ringing: asyncio.Task[None] | None = None

    async def say(self, text: str) -> float | None:
        """Speak; returns the monotonic time of the first sound, None when it cannot speak."""
        observe = self._household.observe
        if self.speaker is None or not text:
            observe(StageEvent(Stage.SAID, text))
            return None
        observe(StageEvent(Stage.SAYING, text))
        started = self._household.clock.monotonic()
        self._on_speaking(True)
        try:
            spoken = await self.speaker.speak(text)
        except AssistantError as error:
            self._household.notice(f"It cannot speak: {error}", logging.WARNING)
            observe(StageEvent(Stage.SAID, text))
            return None
        finally:
            self._on_speaking(False)
        first = spoken.first_audio_s
        ms = (first - started) * 1000 if first is not None else None
        observe(StageEvent(Stage.SAID, text, ms))
        return first

    def chime(self) -> None:
        """Sound that the wake word was heard."""
        if self.speaker is not None:
            self._tasks.spawn(self.speaker.chime("wake"), "chime")

    def hush(self) -> None:
        """Fall silent at once; rings go on with `ring_on`."""
        if self._ringing is not None:
            self._ringing.cancel()
        if self.speaker is not None:
            self.speaker.stop()

    async def close(self) -> None:
        """Let go of the loudspeaker and free the voice."""
        if self.speaker is not None:
            await self.speaker.close()

    # Rings

    def on_ring(self, ring: Ring) -> None:
        """A timer or alarm is due, or was while the assistant was off: tell, then ring."""
        told = ring_to_json(ring, self._household.conversation().replies)
        self._household.observe(StageEvent(Stage.RINGING, told["text"]))
        topic = f"{self._household.settings.mqtt.base_topic}/ring"
        payload = json.dumps(told, ensure_ascii=False)
        self._tasks.spawn(self._household.bus.publish(topic, payload), "publish ring")
        self._unannounced.append((ring, told["text"]))
        self.ring_on()

    def on_quiet(self, ring: Ring) -> None:
        """A ring was silenced, cancelled or has timed out."""
        self._unannounced = [one for one in self._unannounced if one[0].id != ring.id]
        if not self._household.schedule.ringing() and self._ringing is not None:
            self._ringing.cancel()

    def ring_on(self) -> None:
        """Announce what was not yet announced and ring what rings, unless somebody is attended to.

        Called again when that is over.
        """
        if self.speaker is None or self._busy():
            return
        if self._ringing is not None:
            self._ringing.cancel()
        if self._unannounced or self._household.schedule.ringing():
            self._ringing = self._tasks.spawn(self._ring_out(self.speaker), "ring")

    async def _ring_out(self, speaker: Speaker) -> None:
        while self._unannounced:
            ring, text = self._unannounced[0]
            await self.say(text)
            self._unannounced = [one for one in self._unannounced if one[0] is not ring]
            self._household.observe(StageEvent(Stage.IDLE))
        told = False
        while ringing := self._household.schedule.ringing():
            try:
                await speaker.ring(ringing[0].kind)
            except AudioError as error:
                if not told:
                    self._household.notice(f"It cannot ring: {error}", logging.WARNING)
                told = True
                await asyncio.sleep(_RETRY_S)

    # Ahead of time

    def prepare_likely_replies(self) -> None:
        """Synthesize in idle moments what will be said most often, so that it is said at once."""
        if self.speaker is not None:
            self._tasks.spawn(self._prepare_all(self.speaker), "likely replies")

    def prepare_reply(self, request: Request) -> None:
        """Synthesize the reply that `request` will have if all goes well."""
        if self.speaker is not None:
            self._tasks.spawn(self._prepare(self.speaker, request), "reply in advance")

    async def _prepare_all(self, speaker: Speaker) -> None:
        talk = self._household.conversation()
        common = [talk.replies.render(key) for key in ("not_understood", "cancelled")]
        replies = [*common, *[reply async for reply in talk.likely_replies()]]
        for reply in replies[:_LIKELY_REPLIES]:
            await asyncio.sleep(_IDLE_PAUSE_S)
            if not self._busy():
                await speaker.prepare([reply])

    async def _prepare(self, speaker: Speaker, request: Request) -> None:
        reply = await self._household.conversation().foresee(self._household.located(request))
        await speaker.prepare([reply] if reply else [])
