"""Lights that grow bright before an alarm rings."""

from __future__ import annotations

import json
from collections.abc import Iterable

from assistant.schedule.commands import Command
from assistant.schedule.entries import Alarm, Kind, Ring
from assistant.types import Intent

DAWN_S = 900.0
"""How long before the alarm its lights begin to grow bright."""

_STEPS = 30
_STEP_S = DAWN_S / _STEPS


class Dawn:
    """Which step of brightness each alarm's lights have reached."""

    def __init__(self) -> None:
        self._reached: dict[tuple[str, float], int] = {}

    def next_s(self, alarms: Iterable[Alarm], now: float) -> float | None:
        """Seconds until the next step of any alarm; None: there is none to come."""
        waits = []
        for alarm in alarms:
            begins = alarm.next_ring.timestamp() - DAWN_S
            step = self._reached.get((alarm.id, alarm.next_ring.timestamp()), 0)
            if step < _STEPS:
                waits.append(max(0.0, begins + step * _STEP_S - now))
        return min(waits, default=None)

    def steps(self, alarms: Iterable[Alarm], now: float) -> list[Ring]:
        """The commands that are due now, one for each alarm whose lights are to be brighter."""
        rings = []
        alarms = tuple(alarms)
        current = {(alarm.id, alarm.next_ring.timestamp()) for alarm in alarms}
        self._reached = {key: step for key, step in self._reached.items() if key in current}
        for alarm in alarms:
            key = (alarm.id, alarm.next_ring.timestamp())
            passed = now - (key[1] - DAWN_S)
            step = min(_STEPS, int(passed // _STEP_S) + 1)
            if passed < 0 or step <= self._reached.get(key, 0):
                continue
            self._reached[key] = step
            percent = max(1, round(100 * step / _STEPS))
            content = _brighten(alarm.lights, percent).kept()
            rings.append(Ring(alarm.id, Kind.COMMAND, alarm.name, alarm.area, 0.0, content=content))
        return rings


def lights_kept(lights: Iterable[str]) -> str:
    """An alarm's lights, to be kept."""
    ids = list(lights)
    return json.dumps({"lights": ids}) if ids else ""


def lights_read(content: str) -> tuple[str, ...]:
    """An alarm's lights as they were kept; none where that cannot be read."""
    if not content:
        return ()
    try:
        lights = json.loads(content)["lights"]
    except (ValueError, KeyError, TypeError):
        return ()
    return tuple(str(light) for light in lights) if isinstance(lights, list) else ()


def _brighten(lights: tuple[str, ...], percent: int) -> Command:
    intent = Intent("HassLightSet", {"brightness": percent}, device_ids=lights)
    return Command.of([intent], wakes=True)
