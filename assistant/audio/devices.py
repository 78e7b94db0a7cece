"""Sound devices: what there is, and which one is meant."""

from __future__ import annotations

import contextlib
import difflib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol
from weakref import WeakSet

from assistant.errors import AudioError

_LOG = logging.getLogger(__name__)

Direction = Literal["input", "output"]

_WHAT = {"input": "microphone", "output": "loudspeaker"}

_NO_PORTAUDIO = (
    "Sound needs the PortAudio library, which is missing here; install it with: "
    "sudo apt install libportaudio2"
)


@dataclass(frozen=True, slots=True)
class Device:
    """A sound device as PortAudio knows it now; `index` changes when devices come and go."""

    index: int
    name: str
    inputs: int
    """Channels it can record."""
    outputs: int
    """Channels it can play."""
    sample_rate: int
    """Its own rate in Hz."""
    is_default_input: bool = False
    is_default_output: bool = False


class Holder(Protocol):
    """Something that keeps a stream open."""

    def release(self) -> bool:
        """Close the stream if it is idle; whether it is closed now."""


_holders: WeakSet[Holder] = WeakSet()


def hold(holder: Holder) -> None:
    """Register a stream's owner: while it holds the stream the list of devices stays as it is."""
    _holders.add(holder)


def portaudio() -> Any:
    """The `sounddevice` module. Raises `AudioError` when PortAudio is not installed."""
    try:
        import sounddevice
    except OSError as error:
        raise AudioError(_NO_PORTAUDIO) from error
    return sounddevice


def refresh() -> None:
    """See devices that were plugged in or out, unless a stream is in use. Raises `AudioError`.

    PortAudio makes its list once; only starting it anew makes another, and that ends all streams.
    """
    sound = portaudio()
    if all(holder.release() for holder in list(_holders)):
        with contextlib.suppress(sound.PortAudioError):
            sound._terminate()
        try:
            sound._initialize()
        except sound.PortAudioError as error:
            raise AudioError(f"PortAudio does not start: {error}.") from error


def list_devices() -> tuple[Device, ...]:
    """All devices, newly looked for. Raises `AudioError` when PortAudio is not installed."""
    refresh()
    sound = portaudio()
    try:
        default_input, default_output = sound.default.device
        found = list(sound.query_devices())
    except sound.PortAudioError as error:
        raise AudioError(f"The sound devices cannot be listed: {error}.") from error
    return tuple(
        Device(
            index=int(entry["index"]),
            name=str(entry["name"]),
            inputs=int(entry["max_input_channels"]),
            outputs=int(entry["max_output_channels"]),
            sample_rate=round(entry["default_samplerate"]),
            is_default_input=entry["index"] == default_input,
            is_default_output=entry["index"] == default_output,
        )
        for entry in found
    )


def find_input(name: str = "default") -> Device | str:
    """The microphone that `name` means, or one sentence saying why there is none."""
    return _find(name, "input")


def find_output(name: str = "default") -> Device | str:
    """The loudspeaker that `name` means, or one sentence saying why there is none."""
    return _find(name, "output")


def _find(name: str, direction: Direction) -> Device | str:
    what = _WHAT[direction]
    if name.casefold() == "none":
        return f'There is no {what}, because audio.{direction} is "none".'
    try:
        devices = list_devices()
    except AudioError as error:
        return str(error)
    return choose(devices, name, direction)


def choose(devices: tuple[Device, ...], name: str, direction: Direction) -> Device | str:
    """The device of `devices` that `name` means, or one sentence saying why there is none.

    "default" or nothing is the system's default, else the first; a name may be a part of the
    device's, in any case; the whole name wins over a part.
    """
    what = _WHAT[direction]
    usable = [d for d in devices if (d.inputs if direction == "input" else d.outputs) > 0]
    if not usable:
        return f"No {what} was found; plug one in, then see: assistant audio list"
    if name.casefold() in ("", "default"):
        for device in usable:
            if device.is_default_input if direction == "input" else device.is_default_output:
                return device
        return usable[0]
    wanted = name.casefold()
    for device in usable:
        if device.name.casefold() == wanted:
            return device
    for device in usable:
        if wanted in device.name.casefold():
            return device
    names = {device.name.casefold(): device.name for device in usable}
    near = difflib.get_close_matches(wanted, names, n=3, cutoff=0.3) or list(names)[:3]
    offered = ", ".join(f'"{names[key]}"' for key in near)
    return f'There is no {what} called "{name}"; there is {offered} (audio.{direction}).'


def started(
    kind: Callable[..., Any],
    device: Device,
    channels: int,
    callback: Callable[..., None],
    ended: Callable[[], None],
    *,
    blocks_per_s: int,
    **more: Any,
) -> Any:
    """A running stream of PortAudio, of int16. Raises its errors. Blocking."""
    stream = kind(
        samplerate=device.sample_rate,
        blocksize=device.sample_rate // blocks_per_s,
        device=device.index,
        channels=channels,
        dtype="int16",
        callback=callback,
        finished_callback=ended,
        **more,
    )
    try:
        stream.start()
    except BaseException:
        stream.close(ignore_errors=True)
        raise
    return stream
