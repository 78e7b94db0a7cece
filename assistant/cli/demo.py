"""`assistant demo`: a dozen spoken commands, each checked against the home's own state."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.config import Settings
from assistant.types import SlotValue, Turn

if TYPE_CHECKING:
    from assistant.household import Household

Check = Callable[["Household", Turn], bool]


@dataclass(frozen=True, slots=True)
class Step:
    """What is said, and what must be true afterwards."""

    text: str
    check: Check
    wake: bool = True


def _state(device: str, **wanted: SlotValue) -> Check:
    def check(household: Household, turn: Turn) -> bool:
        state: Mapping[str, SlotValue] = household.home.state(device)
        return not turn.failed and all(state.get(key) == value for key, value in wanted.items())

    return check


def _says(*words: str) -> Check:
    return lambda household, turn: all(word in turn.reply.lower() for word in words)


def _asks(household: Household, turn: Turn) -> bool:
    return turn.question


def _timer(household: Household, turn: Turn) -> bool:
    timers = household.schedule.timers()
    return [(t.name, t.duration_s) for t in timers] == [("pizza", 600.0)]


STEPS = (
    Step("turn on the kitchen lights", _state("kitchen_lights", power="on")),
    Step("set the bedroom lights to forty percent", _state("bedroom_lights", brightness_pct=40)),
    Step("make the office light blue", _state("office_light", rgb_color=(0, 0, 255))),
    Step("turn off the living room lamp", _state("living_room_lamp", power="off")),
    Step("close all the blinds in the living room", _state("left_blind", position=0)),
    Step("set the thermostat to twenty one degrees", _state("thermostat", temperature=21.0)),
    Step("what is the temperature in the nursery", _says("degrees")),
    Step("set a pizza timer for ten minutes", _timer),
    Step("how much time is left on my timer", _says("minutes")),
    Step("lock the front door", _state("front_door", lock="locked")),
    Step("turn on the fan and turn off the tv", _state("fan", power="on")),
    Step("open the garage door", _asks),
    Step("yes please", _state("garage_door", cover="open"), wake=False),
    Step("what time is it", _says("it")),
)


def register(parser: argparse.ArgumentParser) -> None:
    """Describe the command."""
    parser.description = (
        "Speak a dozen commands into the assistant's ear, wake word included, in a "
        "simulated home. Ends with status 0 only if every one did what it said."
    )
    parser.add_argument(
        "--first", type=int, default=len(STEPS), metavar="N", help="only the first N commands"
    )
    parser.add_argument("--svg", type=Path, metavar="FILE", help="also save the trace as a picture")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Rehearse; 0 when all steps held."""
    return asyncio.run(_demo(settings, STEPS[: max(args.first, 1)], args.svg))


async def _demo(settings: Settings, steps: Sequence[Step], picture: Path | None) -> int:
    from rich.console import Console

    from assistant.rehearsal import in_demo_home, rehearsal, silence, spoken_by_a_voice
    from assistant.view import TerminalView

    console = Console(highlight=False, record=picture is not None)
    wake = settings.wake.word.replace("_", " ")
    with console.status("rehearsing what to say …"):
        spoken = await spoken_by_a_voice(settings, [wake, *(step.text for step in steps)])
    failures = 0
    async with rehearsal(in_demo_home(settings)) as stage:
        view = TerminalView(console)
        stage.daemon.observe(view)
        view.start()
        try:
            for step in steps:
                pieces = [spoken[wake], silence(0.4)] if step.wake else [silence(0.3)]
                turn, _ = await stage.say(*pieces, spoken[step.text])
                held = await _holds(step, stage.household, turn)
                failures += not held
                mark = "[green]✓[/]" if held else "[bold red]✗ that is not what happened[/]"
                console.print(f"          {mark}\n")
        finally:
            view.stop()
    console.print(f"{len(steps) - failures} of {len(steps)} commands did what they said.")
    if picture is not None:
        console.save_svg(str(picture), title="assistant demo")
    return 1 if failures else 0


async def _holds(step: Step, household: Household, turn: Turn) -> bool:
    """Whether the check holds, now or once slow devices have finished moving."""
    for _ in range(30):
        if step.check(household, turn):
            return True
        await asyncio.sleep(0.1)
    return False
