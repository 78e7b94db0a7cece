"""What the assistant says, rings, and prepares to say."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from assistant.audio.wav import read_wav
from assistant.errors import AssistantError, AudioError
from assistant.events import Stage, StageEvent
from assistant.household import Household
from assistant.schedule.schedule import Ring
from assistant.tasks import Tasks
from assistant.turn_json import ring_to_json
from assistant.types import Request, Status, Turn
from assistant.voice.speaker import Speaker
from assistant.voice.tunes import Tunes

_LOG = logging.getLogger(__name__)

_VOLUME = "volume"
_BROADCAST = "HassBroadcast"
_LIKELY_REPLIES = 40
_MOST_TO_SAY = 10
_IDLE_PAUSE_S = 0.5
_RETRY_S = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class _Announcement:
    text: str
    ring: Ring | None = None
    """What it announces; None: somebody wants the text said."""
    answered: Callable[[], bool] | None = None
    """Of a question: has the microphone opened; False where it need not be asked any more."""
    left: Callable[[], None] = lambda: None
    """Of a question: told when nobody is asked it after all."""
    chime: bool = False
    """A sound comes first: it is for everybody."""


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
        self._tunes = Tunes(household.settings.schedule, read_wav)
        self._volume: int | None = None
        self._sayings = 0
        self._unannounced: list[_Announcement] = []
        self._telling: _Announcement | None = None
        self._ringing: asyncio.Task[None] | None = None

    @property
    def volume(self) -> int:
        """Loudness of replies and rings in percent: as set last, or as configured since."""
        if self._volume is None:
            configured = self._household.settings.audio.volume
            last, _, then = (self._household.kept.get(_VOLUME) or "").partition(" of ")
            self._volume = int(last) if then == str(configured) else configured
        return self._volume

    def set_volume(self, volume: int) -> None:
        """Louder or softer from now on, 0 to 100 percent; kept until the configuration changes.

        Raises `StoreError` where it cannot be kept; it counts all the same.
        """
        self._volume = volume
        if self.speaker is not None:
            self.speaker.volume = volume
        configured = self._household.settings.audio.volume
        self._household.kept.put(_VOLUME, f"{volume} of {configured}")

    async def say(self, text: str) -> float | None:
        """Speak; returns the monotonic time of the first sound, None when it cannot speak."""
        observe = self._household.observe
        if self.speaker is None or not text:
            observe(StageEvent(Stage.SAID, text))
            return None
        observe(StageEvent(Stage.SAYING, text))
        started = self._household.clock.monotonic()
        self._speaking(1)
        try:
            spoken = await self.speaker.speak(text)
        except AssistantError as error:
            self._household.notice(f"It cannot speak: {error}", logging.WARNING)
            observe(StageEvent(Stage.SAID, text))
            return None
        finally:
            self._speaking(-1)
        first = spoken.first_audio_s
        ms = (first - started) * 1000 if first is not None else None
        observe(StageEvent(Stage.SAID, text, ms))
        return first

    async def answer(self, turn: Turn) -> float | None:
        """Speak a turn's reply, or, where brief ones are wanted and all was done, sound a chime.

        Of an announcement nothing: who asked for it will hear it.
        """
        if turn.announcement and all(intent.name == _BROADCAST for intent in turn.intents):
            self._household.observe(StageEvent(Stage.SAID, turn.reply))
            return None
        brief = self._household.settings.voice.replies == "brief" and all_done(turn)
        if not brief or self.speaker is None:
            return await self.say(turn.reply)
        self._household.observe(StageEvent(Stage.SAID, turn.reply))
        started = self._household.clock.monotonic()
        await self.speaker.chime("done")
        return started

    def answering(self) -> Answering:
        """Speak the answer to a request, from its first sentence on if it is told by sentences."""
        return Answering(self)

    async def say_as_written(self, sentences: AsyncIterator[str]) -> float | None:
        """Speak sentences as they come; returns the monotonic time of the first sound.

        None when it cannot speak; `Stage.SAID` is left to who knows the whole text.
        """
        if self.speaker is None:
            return None

        async def shown() -> AsyncIterator[str]:
            async for sentence in sentences:
                self._household.observe(StageEvent(Stage.SAYING, sentence))
                yield sentence

        self._speaking(1)
        try:
            return (await self.speaker.speak_as_written(shown())).first_audio_s
        except AssistantError as error:
            self._household.notice(f"It cannot speak: {error}", logging.WARNING)
            return None
        finally:
            self._speaking(-1)

    def said(self, text: str) -> None:
        """Tell observers that all of `text` was spoken."""
        self._household.observe(StageEvent(Stage.SAID, text))

    def _speaking(self, change: int) -> None:
        self._sayings += change
        self._on_speaking(self._sayings > 0)

    def chime(self) -> None:
        """Sound that the wake word was heard."""
        if self.speaker is not None:
            self._tasks.spawn(self.speaker.chime("wake"), "chime")

    async def _sound(self, name: str) -> None:
        """Play a chime; that it cannot is said where the words cannot be heard either."""
        try:
            if self.speaker is not None:
                await self.speaker.chime(name)
        except AudioError as error:
            _LOG.info("no chime: %s", error)

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

    # Rings and announcements

    def on_ring(self, ring: Ring) -> None:
        """A timer or alarm is due, or was while the assistant was off: tell, then ring."""
        text = ring_to_json(ring, self._household.conversation().replies)["text"]
        self._household.observe(StageEvent(Stage.RINGING, text))
        self._announce(_Announcement(text, ring))

    def on_sound(self, ring: Ring, sounds: bool) -> None:
        """A ring is to be heard no more: silenced, cancelled, timed out; or it is again."""
        if sounds:
            self.ring_on()
            return
        self._unannounced = [a for a in self._unannounced if a.ring is None or a.ring.id != ring.id]
        said = self._telling is not None and self._telling.ring is None
        if not self._household.schedule.sounding() and self._ringing is not None and not said:
            self._ringing.cancel()
            self.ring_on()

    def announce(self, text: str) -> None:
        """Say `text` when nobody is listened to or answered, once.

        Raises `AudioError` when it cannot speak, or has too much to say already.
        """
        if self.speaker is None:
            raise AudioError("It has no voice: fetch one with: assistant models fetch voice")
        if len(self._unannounced) >= _MOST_TO_SAY:
            raise AudioError("There is too much to be said already: wait for it, or stop it.")
        self._announce(_Announcement(text))

    def ask(self, text: str, answered: Callable[[], bool], left: Callable[[], None]) -> None:
        """Say a question when nobody is listened to or answered, and then call `answered`.

        `left` is called where that is False, and where somebody else speaks before.
        """
        self._announce(_Announcement(text, answered=answered, left=left))

    def tell(self, text: str, *, chime: bool = False) -> None:
        """Say `text` when nobody is listened to or answered; where it has no voice, show it."""
        if self.speaker is None or len(self._unannounced) >= _MOST_TO_SAY:
            self._household.notice(text)
        else:
            self._announce(_Announcement(text, chime=chime))

    def forget_announcements(self) -> None:
        """Drop the texts that were still to be said; rings go on."""
        forgotten = [a for a in self._unannounced if a.ring is None]
        self._unannounced = [a for a in self._unannounced if a.ring is not None]
        for announcement in forgotten:
            announcement.left()

    def ring_on(self) -> None:
        """Announce what was not yet announced and ring what rings, unless somebody is attended to.

        Called again when that is over.
        """
        if self.speaker is None or self._busy():
            return
        if self._ringing is not None:
            self._ringing.cancel()
        if self._unannounced or self._household.schedule.sounding():
            self._ringing = self._tasks.spawn(self._ring_out(self.speaker), "ring")

    def _announce(self, announcement: _Announcement) -> None:
        self._unannounced.append(announcement)
        ringing = self._ringing
        if self._telling is None or ringing is None or ringing.cancelling():
            self.ring_on()

    async def _ring_out(self, speaker: Speaker) -> None:
        while self._unannounced:
            if await self._tell(self._unannounced[0]):
                return
        told = False
        while ringing := self._household.schedule.sounding():
            try:
                await speaker.ring(self._tunes.of(ringing[0].kind, ringing[0].sound))
            except AudioError as error:
                if not told:
                    self._household.notice(f"It cannot ring: {error}", logging.WARNING)
                told = True
                await asyncio.sleep(_RETRY_S)

    async def _tell(self, announcement: _Announcement) -> bool:
        """Say it; a ring that is interrupted is told again, a text is not.

        Whether it is a question, to which somebody is listened to now.
        """
        if announcement.ring is None:
            self._unannounced.remove(announcement)
        self._telling = announcement
        heard = False
        try:
            if announcement.chime:
                await self._sound("announcement")
            await self.say(announcement.text)
            heard = True
        finally:
            if self._telling is announcement:
                self._telling = None
            if not heard:
                announcement.left()
        if announcement in self._unannounced:
            self._unannounced.remove(announcement)
        if announcement.answered is not None:
            if announcement.answered():
                return True
            announcement.left()
        self._household.observe(StageEvent(Stage.IDLE))
        return False

    # Ahead of time

    def prepare_tunes(self) -> None:
        """Read the files that alarms and timers may ring with, and say which cannot be."""
        self._tasks.spawn(self._read_tunes(), "sounds of rings")

    async def _read_tunes(self) -> None:
        for mistake in await asyncio.to_thread(self._tunes.prepare):
            self._household.notice(mistake, logging.WARNING)

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
        common = [talk.replies.variants(key) for key in ("not_understood", "cancelled")]
        replies = [*common[0], *common[1], *[reply async for reply in talk.likely_replies()]]
        for reply in replies[:_LIKELY_REPLIES]:
            await asyncio.sleep(_IDLE_PAUSE_S)
            if not self._busy():
                await speaker.prepare([reply])

    async def _prepare(self, speaker: Speaker, request: Request) -> None:
        reply = await self._household.conversation().foresee(self._household.located(request))
        await speaker.prepare([reply] if reply else [])


class Answering:
    """A reply on its way to the speaker. Leave it with `finish` or `drop`."""

    def __init__(self, mouth: Mouth) -> None:
        self._mouth = mouth
        self._sentences: asyncio.Queue[str | None] = asyncio.Queue()
        self._told: list[str] = []
        self._speaking: asyncio.Task[float | None] | None = None
        self._dropped = False

    def write(self, sentence: str) -> None:
        """Speak `sentence` next; the ones before it begin to be spoken at once."""
        if self._dropped or self._mouth.speaker is None:
            return
        self._told.append(sentence)
        self._sentences.put_nowait(sentence)
        if self._speaking is None:
            self._speaking = asyncio.create_task(
                self._mouth.say_as_written(self._coming()), name="answer"
            )

    async def finish(self, turn: Turn) -> float | None:
        """Speak what is left of the turn's reply; returns the monotonic time of the first sound."""
        if self._speaking is None:
            return await self._mouth.answer(turn)
        rest = turn.reply.removeprefix(" ".join(self._told)).strip()
        if rest:
            self._sentences.put_nowait(rest)
        self._sentences.put_nowait(None)
        first = await self._speaking
        self._mouth.said(turn.reply)
        return first

    def drop(self) -> None:
        """Fall silent if it still speaks, and say nothing more; idempotent."""
        self._dropped = True
        if self._speaking is not None:
            self._speaking.cancel()

    async def _coming(self) -> AsyncIterator[str]:
        while (sentence := await self._sentences.get()) is not None:
            yield sentence


def all_done(turn: Turn) -> bool:
    """Whether something was done, and nothing is left to say of it."""
    return (
        not (turn.question or turn.failed)
        and bool(turn.results)
        and all(result.status is Status.CONFIRMED for result in turn.results)
    )
