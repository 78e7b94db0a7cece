"""The control socket's operations: text, recordings and buttons from the command line."""

from __future__ import annotations

import base64
import binascii
import functools
from dataclasses import asdict
from typing import Any, Protocol

import numpy as np

from assistant.control import Handler
from assistant.engines import Hearing
from assistant.errors import AssistantError, ControlError
from assistant.events import Stage, StageEvent
from assistant.household import Household
from assistant.schedule.requests import KINDS, carry_out
from assistant.schedule.shown import shown
from assistant.turn_json import ring_to_json, turn_to_json
from assistant.types import Request, Turn

_MAX_SAID = 2000
"""Longest text to say, in characters."""


class Attendant(Protocol):
    """What of the daemon the ways in need."""

    @property
    def hears(self) -> bool:
        """Whether there is a microphone, and it is open."""

    @property
    def speaks(self) -> bool:
        """Whether there is a voice."""

    @property
    def muted(self) -> bool:
        """Whether the microphone is closed until somebody opens it again."""

    @property
    def volume(self) -> int:
        """Loudness of replies and rings in percent."""

    def open_microphone(self) -> None:
        """Listen for one utterance without the wake word. Raises `AudioError`."""

    def mute(self, muted: bool) -> None:
        """Close the microphone, or open it again. Raises `StoreError`."""

    def set_volume(self, volume: int) -> None:
        """Loudness of replies and rings in percent, at once. Raises `StoreError`."""

    def say(self, text: str) -> None:
        """Say a text when nobody is listened to or answered. Raises `AudioError`."""

    def idle(self) -> None:
        """Tell observers that the assistant waits."""

    def stop_speaking(self) -> None:
        """Fall silent and silence what rings."""


class Entrances:
    """What the command line can have done. Belongs to the event loop."""

    def __init__(self, household: Household, hearing: Hearing, attendant: Attendant) -> None:
        self._household = household
        self._hearing = hearing
        self._attendant = attendant

    def operations(self) -> dict[str, Handler]:
        """The control socket's operations by name."""
        return {
            "ask": self._ask,
            "listen": self._listen,
            "say": self._say,
            "mute": self._mute,
            "volume": self._volume,
            "home": self._home,
            "status": self._status,
            "stop": self._stop,
            **{kind: functools.partial(self._timetable, kind) for kind in KINDS},
        }

    async def ask(self, asked: Request) -> Turn:
        """The turn that a typed request leads to, shown to observers.

        Raises `AssistantError` for an unknown room or language.
        """
        self._household.observe(StageEvent(Stage.LISTENING, "text"))
        self._household.observe(StageEvent(Stage.HEARD, asked.text))
        try:
            return self._answered(await self._household.ask(asked))
        except AssistantError:
            self._attendant.idle()
            raise

    def _answered(self, turn: Turn) -> Turn:
        self._household.observe(StageEvent(Stage.SAID, turn.reply))
        self._attendant.idle()
        self._household.observe(turn)
        return turn

    async def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        asked = Request(
            str(request.get("text") or ""),
            area=request.get("area"),
            language=request.get("language"),
            conversation=str(request.get("conversation") or "control"),
            dry_run=bool(request.get("dry_run")),
        )
        if "pcm16k" not in request:
            return turn_to_json(await self.ask(asked))
        turn = await self._hearing.ask(_samples(request["pcm16k"]), asked)
        self._household.observe(StageEvent(Stage.LISTENING, "recording"))
        self._household.observe(StageEvent(Stage.HEARD, turn.text))
        return turn_to_json(self._answered(turn))

    async def _listen(self, request: dict[str, Any]) -> dict[str, Any]:
        del request
        self._attendant.open_microphone()
        return {"listening": True}

    async def _say(self, request: dict[str, Any]) -> dict[str, Any]:
        text = " ".join(str(request.get("text") or "").split())
        if not 0 < len(text) <= _MAX_SAID:
            raise ControlError(f"A text of 1 to {_MAX_SAID} characters can be said.")
        self._attendant.say(text)
        return {"saying": text}

    async def _mute(self, request: dict[str, Any]) -> dict[str, Any]:
        muted = request.get("muted")
        if not isinstance(muted, bool):
            raise ControlError('"muted" is neither true nor false')
        async with self._household.schedule.saved():
            self._attendant.mute(muted)
        return {"muted": self._attendant.muted}

    async def _volume(self, request: dict[str, Any]) -> dict[str, Any]:
        """The volume, set first if one is given."""
        if (volume := request.get("volume")) is not None:
            if type(volume) is not int or not 0 <= volume <= 100:
                raise ControlError("The volume is a whole number from 0 to 100.")
            async with self._household.schedule.saved():
                self._attendant.set_volume(volume)
        return {"volume": self._attendant.volume}

    async def _home(self, request: dict[str, Any]) -> dict[str, Any]:
        del request
        await self._household.ready()
        return self._household.picture()

    async def _status(self, request: dict[str, Any]) -> dict[str, Any]:
        del request
        schedule = self._household.schedule
        replies = self._household.conversation().replies
        return {
            "hears": self._attendant.hears,
            "speaks": self._attendant.speaks,
            "muted": self._attendant.muted,
            "volume": self._attendant.volume,
            "broker": self._household.bus.connected,
            "language_model": asdict(self._household.llm.status),
            "timers": len(schedule.timers()),
            "alarms": len(schedule.alarms()),
            "ringing": [ring_to_json(ring, replies) for ring in schedule.ringing()],
        }

    async def _timetable(self, kind: str, request: dict[str, Any]) -> dict[str, Any]:
        """Timers, alarms, reminders or lists, after what is to be done with them."""
        await self._household.ready()
        schedule = self._household.schedule
        if (wanted := request.get("request")) is not None:
            if not isinstance(wanted, dict):
                raise ControlError('"request" is to be an object')
            async with schedule.saved():
                carry_out(schedule, kind, wanted, self._household.area_id)
        return shown(kind, schedule, self._household.clock.now())

    async def _stop(self, request: dict[str, Any]) -> dict[str, Any]:
        del request
        async with self._household.schedule.saved():
            self._attendant.stop_speaking()
        return {"stopped": True}


def _samples(encoded: object) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """`(n,)` int16, 16 kHz mono from base64. Raises `ControlError`."""
    try:
        return np.frombuffer(base64.b64decode(str(encoded), validate=True), dtype=np.int16)
    except (binascii.Error, ValueError) as error:
        raise ControlError("pcm16k needs 16-bit samples at 16 kHz, in base64") from error
