"""The ways in besides the microphone: the control socket's operations and the own MQTT topics."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any, Protocol

import numpy as np

from assistant.control import Handler
from assistant.conversation import Request
from assistant.engines import Hearing
from assistant.errors import AudioError, ControlError
from assistant.events import Event, Stage, StageEvent
from assistant.household import Household
from assistant.tasks import Tasks
from assistant.turn_json import ring_to_json, turn_to_json
from assistant.types import Turn

_MAX_MQTT_TEXT = 1000


class Attendant(Protocol):
    """What of the daemon these entrances need."""

    @property
    def hears(self) -> bool:
        """Whether there is a microphone."""

    @property
    def speaks(self) -> bool:
        """Whether there is a voice."""

    def open_microphone(self) -> None:
        """Listen for one utterance without the wake word."""

    def idle(self) -> None:
        """Tell observers that the assistant waits."""

    def stop_speaking(self) -> None:
        """Fall silent and silence what rings."""


class Entrances:
    """Text, recordings and buttons from other programs. Belongs to the event loop."""

    def __init__(
        self, household: Household, hearing: Hearing, attendant: Attendant, tasks: Tasks
    ) -> None:
        self._household = household
        self._hearing = hearing
        self._attendant = attendant
        self._tasks = tasks

    def operations(self) -> dict[str, Handler]:
        """The control socket's operations by name."""
        return {
            "ask": self._ask,
            "listen": self._listen,
            "home": self._home,
            "status": self._status,
            "stop": self._stop,
        }

    def subscribe(self) -> None:
        """Push to talk, text in, replies out, by MQTT (docs/mqtt.md)."""
        base, bus = self._household.settings.mqtt.base_topic, self._household.bus
        bus.subscribe(f"{base}/listen", lambda topic, payload: self._attendant.open_microphone())
        bus.subscribe(f"{base}/ask", self._asked_by_mqtt)
        self._household.observers.append(self._publish)

    async def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        asked = Request(
            str(request.get("text") or ""),
            area=request.get("area"),
            language=request.get("language"),
            conversation=str(request.get("conversation") or "control"),
            dry_run=bool(request.get("dry_run")),
        )
        observe = self._household.observe
        if "pcm16k" in request:
            turn = await self._hearing.ask(_samples(request["pcm16k"]), asked)
            observe(StageEvent(Stage.LISTENING, "recording"))
            observe(StageEvent(Stage.HEARD, turn.text))
        else:
            observe(StageEvent(Stage.LISTENING, "text"))
            observe(StageEvent(Stage.HEARD, asked.text))
            turn = await self._household.ask(asked)
        observe(StageEvent(Stage.SAID, turn.reply))
        self._attendant.idle()
        observe(turn)
        return turn_to_json(turn)

    async def _listen(self, request: dict[str, Any]) -> dict[str, Any]:
        del request
        if not self._attendant.hears:
            raise AudioError("There is no microphone to open.")
        self._attendant.open_microphone()
        return {"listening": True}

    async def _home(self, request: dict[str, Any]) -> dict[str, Any]:
        del request
        return self._household.picture()

    async def _status(self, request: dict[str, Any]) -> dict[str, Any]:
        del request
        schedule = self._household.schedule
        replies = self._household.conversation().replies
        return {
            "hears": self._attendant.hears,
            "speaks": self._attendant.speaks,
            "broker": self._household.bus.connected,
            "timers": len(schedule.timers()),
            "alarms": len(schedule.alarms()),
            "ringing": [ring_to_json(ring, replies) for ring in schedule.ringing()],
        }

    async def _stop(self, request: dict[str, Any]) -> dict[str, Any]:
        del request
        self._attendant.stop_speaking()
        return {"stopped": True}

    def _asked_by_mqtt(self, topic: str, payload: bytes) -> None:
        del topic
        text = payload.decode("utf-8", errors="replace")[:_MAX_MQTT_TEXT]
        self._tasks.spawn(self._answer_by_mqtt(text), "request by MQTT")

    async def _answer_by_mqtt(self, text: str) -> None:
        await self._ask({"text": text, "conversation": "mqtt"})

    def _publish(self, event: Event) -> None:
        if isinstance(event, Turn):
            payload = json.dumps(turn_to_json(event), ensure_ascii=False)
            topic = f"{self._household.settings.mqtt.base_topic}/reply"
            self._tasks.spawn(self._household.bus.publish(topic, payload), "publish reply")


def _samples(encoded: object) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """`(n,)` int16, 16 kHz mono from base64. Raises `ControlError`."""
    try:
        return np.frombuffer(base64.b64decode(str(encoded), validate=True), dtype=np.int16)
    except (binascii.Error, ValueError) as error:
        raise ControlError("pcm16k needs 16-bit samples at 16 kHz, in base64") from error
