"""`assistant audio`: devices, a level meter, record and play back."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import math
from collections.abc import AsyncGenerator
from pathlib import Path

import numpy as np

from assistant.audio import devices, write_wav
from assistant.audio.sinks import LoudspeakerSink
from assistant.audio.sources import MicrophoneSource
from assistant.config import Settings
from assistant.errors import AudioError
from assistant.types import SAMPLE_RATE, Samples

_EPILOG = """examples:
  assistant audio list               microphones and loudspeakers, and which are used
  assistant audio meter              how loud the microphone hears; Ctrl-C ends it
  assistant audio test               record 3 seconds and play them back
  assistant audio test --save a.wav  the same, and keep the recording

Choose devices with audio.input and audio.output in the configuration."""

_QUIETEST_DB = -60
_BAR = 40


def register(parser: argparse.ArgumentParser) -> None:
    """Describe the command."""
    parser.description = "See and try the microphone and the loudspeaker."
    parser.epilog = _EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="microphones and loudspeakers, * marks those used")
    listing.set_defaults(run=run_list)
    meter = actions.add_parser("meter", help="show how loud the microphone hears")
    meter.add_argument("--seconds", type=_seconds, help="end by itself after so long")
    meter.set_defaults(run=run_meter)
    test = actions.add_parser("test", help="record a moment and play it back")
    test.add_argument("--seconds", type=_seconds, default=3.0, help="how long to record (3)")
    test.add_argument("--save", type=Path, metavar="FILE", help="keep the recording as a WAV file")
    test.set_defaults(run=run_test)


def run_list(args: argparse.Namespace, settings: Settings) -> int:
    """Print all devices. Raises `AudioError` when PortAudio is missing."""
    del args
    found = devices.list_devices()
    chosen = (
        devices.choose(found, settings.audio.input, "input"),
        devices.choose(found, settings.audio.output, "output"),
    )
    for device in found:
        kinds = [
            f"{count} {what}"
            for count, what in ((device.inputs, "in"), (device.outputs, "out"))
            if count
        ]
        mark = "*" if device in chosen else " "
        print(f"{mark} {device.name}  ({', '.join(kinds)}; {device.sample_rate} Hz)")
    for reason in chosen:
        if isinstance(reason, str):
            print(reason)
    return 0


def run_meter(args: argparse.Namespace, settings: Settings) -> int:
    """Show the microphone's level. Raises `AudioError`."""
    asyncio.run(_meter(_microphone(settings), args.seconds))
    return 0


def run_test(args: argparse.Namespace, settings: Settings) -> int:
    """Record and play back. Raises `AudioError`."""
    microphone = _microphone(settings)
    loudspeaker = devices.find_output(settings.audio.output)
    if isinstance(loudspeaker, str) and args.save is None:
        raise AudioError(f"{loudspeaker} To record only, give --save FILE.")
    asyncio.run(_test(microphone, loudspeaker, args.seconds, args.save))
    return 0


def level_db(samples: Samples) -> float:
    """Loudness of `(n,)` int16 in dB below full scale (0 is the loudest)."""
    power = float(np.mean(np.square(samples.astype(np.float64)))) if len(samples) else 0.0
    return 10 * math.log10(power / 32768.0**2 + 1e-10)


def bar(decibels: float) -> str:
    """The level as a bar of fixed width: "######------  -34 dB"."""
    filled = round(max(0.0, 1 - decibels / _QUIETEST_DB) * _BAR)
    return f"{'#' * filled:-<{_BAR}} {decibels:4.0f} dB"


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= 600:
        raise argparse.ArgumentTypeError("give seconds from above 0 to 600")
    return seconds


def _microphone(settings: Settings) -> devices.Device:
    device = devices.find_input(settings.audio.input)
    if isinstance(device, str):
        raise AudioError(device)
    return device


async def _chunks(device: devices.Device, seconds: float | None) -> AsyncGenerator[Samples, None]:
    source = MicrophoneSource(device)
    remaining = math.inf if seconds is None else seconds * SAMPLE_RATE
    async with contextlib.aclosing(source.chunks()) as chunks:
        async for chunk in chunks:
            yield chunk
            remaining -= len(chunk)
            if remaining <= 0:
                return


async def _meter(device: devices.Device, seconds: float | None) -> None:
    print(f"{device.name}: speak; Ctrl-C ends")
    recent: list[Samples] = []
    async with contextlib.aclosing(_chunks(device, seconds)) as chunks:
        async for chunk in chunks:
            recent.append(chunk)
            if len(recent) == 5:
                print("\r" + bar(level_db(np.concatenate(recent))), end="", flush=True)
                recent.clear()
    print()


async def _test(
    device: devices.Device, loudspeaker: devices.Device | str, seconds: float, save: Path | None
) -> None:
    print(f"{device.name}: recording {seconds:g} s, say something …")
    async with contextlib.aclosing(_chunks(device, seconds)) as chunks:
        recorded = np.concatenate([chunk async for chunk in chunks])
    loudest = level_db(recorded)
    print(f"recorded {len(recorded) / SAMPLE_RATE:.1f} s at {loudest:.0f} dB")
    if loudest < _QUIETEST_DB:
        print("That is as good as silent: is the microphone muted?")
    if save is not None:
        write_wav(save, recorded)
        print(f"saved as {save}")
    if isinstance(loudspeaker, str):
        print(loudspeaker)
        return
    print(f"{loudspeaker.name}: playing it back …")
    sink = LoudspeakerSink(loudspeaker)
    try:
        for start in range(0, len(recorded), SAMPLE_RATE // 10):
            await sink.write(recorded[start : start + SAMPLE_RATE // 10], SAMPLE_RATE)
        await sink.drain()
    finally:
        await sink.close()
