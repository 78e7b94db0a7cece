"""`assistant bench`: latency per stage, start-up time, idle load and memory on this machine."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assistant.config import Settings
from assistant.errors import AssistantError

_EPILOG = """Each phase runs in a process of its own:
  spoken   commands spoken at the pace of real time into the daemon's ear; times are taken from
           the last sample of speech to the command's arrival at an MQTT client of its own, and
           to the first sample handed to the loudspeaker
  model    the same with the language model loaded, for its memory and its latency
  thinking  the language model in a home of 30 devices: an action with the prompt warm and cold, and
           chat beside llama.cpp's own loop with the same file and threads, taking turns
  sentences  understanding of typed sentences beside plain hassil, taking turns in one run, in homes
           of 12, 100 and 1,000 devices; repairs of misheard ones
  schedule how late rings begin while other programs keep every core busy, and with a disk that
           takes half a second for a commit; the start of the schedule with 10,000 entries
  start    from starting the process to its readiness message, without a microphone"""

_PHASES = ("spoken", "model", "thinking", "sentences", "schedule", "start")
_IDLE_S = 10.0
_MODEL_REQUESTS = (
    "i can hardly see my hands in the kitchen",
    "somebody could let a little air into this place",
    "why is the sky blue",
)

_COMMANDS = (
    ("turn on the kitchen lights", "HassTurnOn"),
    ("turn off the living room lamp", "HassTurnOff"),
    ("set the bedroom lights to forty percent", "HassLightSet"),
    ("set a timer for ten minutes", "HassStartTimer"),
    ("wake me up at seven thirty tomorrow morning", "AssistantSetAlarm"),
    ("what time is it", "HassGetCurrentTime"),
    ("dim the hallway light", "HassLightSet"),
    ("set the thermostat to twenty one degrees", "HassClimateSetTemperature"),
    ("make the office light blue", "HassLightSet"),
    ("cancel the pizza timer", "HassCancelTimer"),
    ("how much time is left on my timer", "HassTimerStatus"),
    ("turn on the fan and turn off the tv", "HassTurnOn"),
    ("open the garage door", "HassTurnOn"),
    ("lock the front door", "HassTurnOn"),
    ("it is too dark in here", "HassTurnOn"),
    ("pause the music", "HassMediaPause"),
    ("what is the temperature in the nursery", "HassClimateGetTemperature"),
    ("close all the blinds in the living room", "HassTurnOff"),
    ("set an alarm for six fifteen on weekdays", "AssistantSetAlarm"),
    ("add five minutes to the egg timer", "HassIncreaseTimer"),
    ("turn off the kitchen lights", "HassTurnOff"),
    ("turn on the living room lamp", "HassTurnOn"),
    ("turn off the bedroom lights", "HassTurnOff"),
    ("set the kitchen lights to seventy percent", "HassLightSet"),
    ("turn on the hallway light", "HassTurnOn"),
    ("turn off the hallway light", "HassTurnOff"),
    ("set the office light to red", "HassLightSet"),
    ("turn off the office light", "HassTurnOff"),
    ("turn on the office light", "HassTurnOn"),
    ("open all the blinds in the living room", "HassTurnOn"),
    ("turn off the fan", "HassTurnOff"),
    ("turn on the tv", "HassTurnOn"),
    ("turn off the tv", "HassTurnOff"),
    ("set the thermostat to nineteen degrees", "HassClimateSetTemperature"),
    ("turn on the bedroom lights", "HassTurnOn"),
    ("set the living room lamp to fifty percent", "HassLightSet"),
    ("turn off all the lights", "HassTurnOff"),
    ("turn on the fan", "HassTurnOn"),
    ("what is the date today", "HassGetCurrentDate"),
    ("turn on the kitchen lights and turn off the fan", "HassTurnOn"),
    ("is the front door locked", "HassGetState"),
    ("turn off the kitchen lights", "HassTurnOff"),
)
_BASELINE = 20
"""The first so many are the sentences that other stacks have been measured on."""


def register(parser: argparse.ArgumentParser) -> None:
    """Describe the command."""
    parser.description = "Measure latency per stage, start-up time, idle load and memory."
    parser.epilog = _EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    parser.add_argument("--phase", choices=_PHASES, help="only this one, as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Measure; 0 unless a phase could not run."""
    if args.phase:
        from assistant.cli.bench_thinking import measure as thinking

        phase = {
            "spoken": _spoken,
            "model": _model,
            "thinking": thinking,
            "sentences": _sentences,
            "schedule": _schedule,
            "start": _start,
        }[args.phase]
        print(json.dumps(asyncio.run(phase(settings))))
        return 0
    figures = asyncio.run(_all(args.config))
    _print(figures)
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


async def _all(config: Path | None) -> dict[str, Any]:
    from rich.console import Console

    console = Console(stderr=True)
    figures: dict[str, Any] = {"cores": os.cpu_count(), "machine": os.uname().machine}
    for phase in _PHASES:
        with console.status(f"measuring: {phase} …"):
            figures[phase] = await _in_own_process(phase, config)
    return figures


async def _in_own_process(phase: str, config: Path | None) -> Any:
    command = [sys.executable, "-m", "assistant"]
    command += ["--config", str(config)] if config else []
    process = await asyncio.create_subprocess_exec(
        *command, "bench", "--phase", phase, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    if process.returncode != 0:
        raise AssistantError(f"The phase {phase} of the bench failed; see above.")
    return json.loads(output.splitlines()[-1])


async def _spoken(settings: Settings) -> dict[str, Any]:
    from assistant.rehearsal import rehearsal, silence, spoken_by_a_voice

    settings = _with(settings, llm=False)
    wake = settings.wake.word.replace("_", " ")
    texts = [text for text, _ in _COMMANDS]
    spoken = await spoken_by_a_voice(settings, [wake, "no", *texts])
    rows = []
    async with rehearsal(settings) as stage, _Eavesdropper(stage.household.broker_port) as ear:
        for text, intent in _COMMANDS:
            ear.first_s = None
            turn, ended_s = await stage.say(spoken[wake], silence(0.3), spoken[text])
            understood = bool(turn.intents) and turn.intents[0].name == intent
            row: dict[str, Any] = {
                "text": text,
                "heard": turn.text,
                "understood": understood,
                **turn.timings_ms,
            }
            if ear.first_s is not None:
                row["command"] = (ear.first_s - ended_s) * 1000
            rows.append(row)
            if turn.question:
                await stage.say(silence(0.3), spoken["no"])
        before = time.process_time()
        await asyncio.sleep(_IDLE_S)
        idle_pct = (time.process_time() - before) / _IDLE_S * 100
    stages = ("hear", "understand", "act", "command", "answered", "first_sound")
    return {
        "commands": len(rows),
        "understood": sum(row["understood"] for row in rows),
        "understood_of_first_20": sum(row["understood"] for row in rows[:_BASELINE]),
        "misheard": [row["heard"] for row in rows if not row["understood"]],
        "ms": {key: _summary([row[key] for row in rows if key in row]) for key in stages},
        "idle_cpu_pct_of_a_core": round(idle_pct, 2),
        "peak_memory_mb": _peak_memory_mb(),
        "rows": rows,
    }


async def _model(settings: Settings) -> dict[str, Any]:
    from assistant.rehearsal import rehearsal, silence, spoken_by_a_voice
    from assistant.types import Request

    settings = _with(settings, llm=True)
    wake = settings.wake.word.replace("_", " ")
    first = _COMMANDS[0][0]
    spoken = await spoken_by_a_voice(settings, [wake, first])
    times = []
    async with rehearsal(settings) as stage:
        started = time.monotonic()
        tier = await stage.household.language_model()
        loaded_ms = (time.monotonic() - started) * 1000
        await stage.say(spoken[wake], silence(0.3), spoken[first])
        for text in _MODEL_REQUESTS:
            turn = await stage.household.ask(Request(text, dry_run=True))
            times.append(turn.timings_ms["understand"])
    return {
        "installed": tier is not None,
        "wait_for_model_ms": round(loaded_ms, 1),
        "proposal_ms": _summary(times),
        "peak_memory_mb": _peak_memory_mb(),
    }


async def _sentences(settings: Settings) -> dict[str, Any]:
    from assistant.cli.bench_sentences import SIZES, measure

    del settings
    homes = [await measure(size) for size in SIZES]
    for home in homes:
        for key in ("ours_ms", "hassil_ms", "repair_ms"):
            home[key] = _summary(home[key])
    return {"homes": homes}


async def _schedule(settings: Settings) -> dict[str, Any]:
    from assistant.cli.bench_schedule import ENTRIES, lateness_ms, start_s

    del settings
    with tempfile.TemporaryDirectory(prefix="assistant-bench-") as scratch:
        late = _summary(await lateness_ms(Path(scratch) / "rings.db"))
        slow = _summary(await lateness_ms(Path(scratch) / "slow.db", slow_disk=True))
        starts = [start_s(Path(scratch) / f"{number}.db") for number in range(3)]
    took = {"entries": ENTRIES, "start_s": _summary(starts)}
    return {"late_ms": late, "late_slow_disk_ms": slow, **took}


async def _start(settings: Settings) -> dict[str, Any]:
    del settings
    seconds = []
    for _ in range(3):
        with tempfile.TemporaryDirectory(prefix="assistant-bench-") as scratch:
            seconds.append(await _ready_s(Path(scratch)))
    return {"ready_s": _summary(seconds)}


async def _ready_s(scratch: Path) -> float:
    """Seconds from starting a daemon to its READY=1."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(str(scratch / "notify"))
    listener.setblocking(False)
    started = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "assistant", "--config", os.devnull, "run", "--scratch",
        env={
            **os.environ,
            "NOTIFY_SOCKET": str(scratch / "notify"),
            "RUNTIME_DIRECTORY": str(scratch),
        },
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(60):
            while b"READY=1" not in await asyncio.get_running_loop().sock_recv(listener, 4096):
                pass
        return time.monotonic() - started
    finally:
        process.terminate()
        await process.wait()
        listener.close()


class _Eavesdropper:
    """An MQTT client of its own that notes when the first command of a turn reaches it."""

    def __init__(self, port: int | None) -> None:
        self.first_s: float | None = None
        self._port = port or 1883
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> _Eavesdropper:
        ready = asyncio.Event()
        self._task = asyncio.create_task(self._listen(ready))
        await asyncio.wait_for(ready.wait(), 5)
        return self

    async def __aexit__(self, *exception: object) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _listen(self, ready: asyncio.Event) -> None:
        import aiomqtt

        async with aiomqtt.Client("127.0.0.1", self._port) as client:
            await client.subscribe("#", qos=0)
            ready.set()
            async for message in client.messages:
                if str(message.topic).rpartition("/")[2].startswith("set") and not message.retain:
                    self.first_s = self.first_s or time.monotonic()


def _with(settings: Settings, *, llm: bool) -> Settings:
    from assistant.rehearsal import in_demo_home

    return in_demo_home(settings).model_copy(
        update={"llm": settings.llm.model_copy(update={"enabled": llm}), "area": "living room"}
    )


def _summary(values: Sequence[float]) -> dict[str, float]:
    if not values:
        return {"n": 0}
    ordered = sorted(values)
    p95, p99 = (ordered[round(part * (len(ordered) - 1))] for part in (0.95, 0.99))
    return {
        "n": len(ordered),
        "p50": round(statistics.median(ordered), 2),
        "p95": round(p95, 2),
        "p99": round(p99, 2),
        "max": round(ordered[-1], 2),
    }


def _peak_memory_mb() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def _print(figures: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    from assistant.cli.bench_thinking import told

    console = Console()
    spoken, model, thinking, typed, schedule, start = (figures[phase] for phase in _PHASES)
    table = Table(title=f"{spoken['commands']} spoken commands, ms", title_justify="left")
    for column in ("", "p50", "p95", "max", "n"):
        table.add_column(column, justify="right" if column else "left")
    names = {
        "hear": "end of speech → transcript (silence included)",
        "understand": "understanding",
        "act": "device confirmed",
        "command": "end of speech → command at the broker",
        "answered": "end of speech → reply worded",
        "first_sound": "end of speech → first sound",
    }
    for key, name in names.items():
        row = spoken["ms"][key]
        table.add_row(name, *(f"{row.get(c, 0):.0f}" for c in ("p50", "p95", "max", "n")))
    console.print(table)
    console.print(
        f"understood: {spoken['understood']} of {spoken['commands']}, "
        f"{spoken['understood_of_first_20']} of the first {_BASELINE}"
    )
    console.print(f"idle: {spoken['idle_cpu_pct_of_a_core']} % of one core")
    console.print(f"peak memory without language model: {spoken['peak_memory_mb']} MB")
    console.print(f"peak memory with language model: {model['peak_memory_mb']} MB")
    console.print(f"language model, a proposal: {model['proposal_ms'].get('p50', 0):.0f} ms (p50)")
    for line in told(thinking):
        console.print(line)
    console.print(_homes_table(typed["homes"]))
    for key, where in (("late_ms", ""), ("late_slow_disk_ms", " and 0.5 s for each commit")):
        late = schedule[key]
        console.print(
            f"rings late with all cores loaded{where}: {late['p50']:.1f} (p50), "
            f"{late['p95']:.1f} (p95), {late['p99']:.1f} ms (p99) of {late['n']}"
        )
    console.print(
        f"start of the schedule with {schedule['entries']:,} entries: "
        f"{schedule['start_s']['p50']:.2f} s (median of 3)"
    )
    console.print(f"cold start to ready: {start['ready_s']['p50']:.2f} s (median of 3)")


def _homes_table(homes: Sequence[dict[str, Any]]) -> Any:
    from rich.table import Table

    table = Table(title="typed sentences, ms", title_justify="left")
    table.add_column("devices", justify="right")
    columns = (
        "ours p50",
        "p95",
        "plain hassil p50",
        "p95",
        "ratio",
        "repair p95",
        "load",
        "rebuild",
    )
    for column in columns:
        table.add_column(column, justify="right")
    for home in homes:
        ours, theirs = home["ours_ms"], home["hassil_ms"]
        table.add_row(
            str(home["devices"]),
            *(f"{value:.1f}" for value in (ours["p50"], ours["p95"], theirs["p50"], theirs["p95"])),
            f"{ours['p50'] / theirs['p50']:.2f}",
            *(f"{value:.0f}" for value in (
                home["repair_ms"]["p95"], home["load_ms"], home["rebuild_ms"])),
        )  # fmt: skip
    return table
