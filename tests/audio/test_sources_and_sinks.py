"""Resampling, the ring, memory in the place of a microphone, and a PortAudio that is acted."""

import asyncio
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from assistant.audio import Resampler, devices, to_pcm16k
from assistant.audio.devices import Device
from assistant.audio.ring import Ring
from assistant.audio.sinks import LoudspeakerSink
from assistant.audio.sources import MemorySource, MicrophoneSource
from assistant.errors import AudioError

MICROPHONE = Device(0, "USB Microphone", inputs=2, outputs=0, sample_rate=48000)
LOUDSPEAKER = Device(1, "Speakers", inputs=0, outputs=2, sample_rate=48000)


def test_resampling_piece_by_piece_gives_what_resampling_at_once_gives() -> None:
    signal = (8000 * np.sin(np.arange(48000) / 20)).astype(np.int16)
    stream = Resampler(48000)
    pieces = [stream.process(signal[at : at + 960]) for at in range(0, len(signal), 960)]
    streamed = np.concatenate([*pieces, stream.flush()])
    whole = to_pcm16k(signal, 48000)
    assert len(streamed) == pytest.approx(len(whole), abs=2)
    size = min(len(streamed), len(whole)) - 400
    assert np.max(np.abs(streamed[200:size].astype(int) - whole[200:size])) < 20


def test_the_ring_keeps_the_newest_and_counts_what_it_dropped() -> None:
    ring = Ring(10, 1)
    for start in range(0, 24, 6):
        ring.write(np.arange(start, start + 6, dtype=np.int16)[:, None])
    assert ring.read()[:, 0].tolist() == list(range(14, 24))
    assert ring.dropped == 14
    assert len(ring.read()) == 0
    ring.write(np.arange(25, dtype=np.int16)[:, None])
    assert ring.read()[:, 0].tolist() == list(range(15, 25))


async def test_memory_is_heard_in_whole_chunks_and_ends() -> None:
    source = MemorySource(np.ones(700, np.int16))
    chunks = [chunk async for chunk in source.chunks()]
    assert [len(chunk) for chunk in chunks] == [320, 320, 320]
    assert chunks[2].sum() == 60


async def test_an_endless_source_plays_what_is_fed_later_at_the_pace_of_real_time() -> None:
    source = MemorySource(np.zeros(0, np.int16), realtime=True, endless=True)
    heard: list[np.ndarray] = []

    async def listen() -> None:
        heard.extend([chunk async for chunk in source.chunks()])

    task = asyncio.create_task(listen())
    started = time.monotonic()
    source.feed(np.full(3200, 7, np.int16))
    async with asyncio.timeout(5):
        await source.drained()
    assert 0.15 < time.monotonic() - started < 1.0
    await source.close()
    await task
    assert np.count_nonzero(np.concatenate(heard)) == 3200


class ActedPortAudio:
    """Stands in for the hardware: streams that the test drives by hand."""

    PortAudioError = OSError

    def __init__(self, refuse_channels: tuple[int, ...] = ()) -> None:
        self.streams: list[Any] = []
        self.refuse_channels = refuse_channels
        self.restarts = 0
        self.default = SimpleNamespace(device=(0, 1))

    def RawInputStream(self, **arguments: Any) -> Any:  # noqa: N802
        return self._open(arguments)

    def RawOutputStream(self, **arguments: Any) -> Any:  # noqa: N802
        return self._open(arguments)

    def _open(self, arguments: dict[str, Any]) -> Any:
        if arguments["channels"] in self.refuse_channels:
            raise OSError("Invalid number of channels")
        stream = SimpleNamespace(
            **{**arguments, "latency": 0.01},
            closed=False,
            start=lambda: None,
            abort=lambda ignore_errors=True: arguments["finished_callback"](),
        )
        stream.close = lambda ignore_errors=True: setattr(stream, "closed", True)
        self.streams.append(stream)
        return stream

    def _terminate(self) -> None:
        self.restarts += 1

    def _initialize(self) -> None:
        pass

    def query_devices(self) -> list[dict[str, Any]]:
        return [
            {
                "index": device.index,
                "name": device.name,
                "max_input_channels": device.inputs,
                "max_output_channels": device.outputs,
                "default_samplerate": float(device.sample_rate),
            }
            for device in (MICROPHONE, LOUDSPEAKER)
        ]


@pytest.fixture
def acted(monkeypatch: pytest.MonkeyPatch) -> ActedPortAudio:
    stage = ActedPortAudio()
    monkeypatch.setattr(devices, "portaudio", lambda: stage)
    return stage


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0)


async def test_a_stereo_microphone_at_48_khz_is_heard_as_16_khz_mono(acted: ActedPortAudio) -> None:
    source = MicrophoneSource(MICROPHONE)
    chunks = source.chunks()
    first = asyncio.ensure_future(anext(chunks))
    await until(lambda: bool(acted.streams))
    (stream,) = acted.streams
    assert (stream.samplerate, stream.channels) == (48000, 2)
    loud = np.tile(np.array([4000, 2000], np.int16), (960, 1)).tobytes()
    for _ in range(10):
        stream.callback(loud, 960, None, None)
    assert (await first).shape == (320,)
    assert (await anext(chunks))[100] == pytest.approx(3000, abs=30)
    await chunks.aclose()
    assert stream.closed


async def test_a_microphone_that_refuses_two_channels_is_asked_for_one(
    acted: ActedPortAudio,
) -> None:
    acted.refuse_channels = (2,)
    chunks = MicrophoneSource(MICROPHONE).chunks()
    first = asyncio.ensure_future(anext(chunks))
    await until(lambda: bool(acted.streams))
    for _ in range(10):
        acted.streams[0].callback(bytes(960 * 2), 960, None, None)
    await first
    assert acted.streams[0].channels == 1
    await chunks.aclose()


async def test_a_microphone_that_cannot_be_opened_is_named(acted: ActedPortAudio) -> None:
    acted.refuse_channels = (1, 2)
    with pytest.raises(AudioError, match=r'"USB Microphone" cannot be opened .*channels'):
        await anext(MicrophoneSource(MICROPHONE).chunks())


async def test_an_unplugged_microphone_is_an_error_and_new_devices_are_seen_after_it(
    acted: ActedPortAudio,
) -> None:
    source = MicrophoneSource(MICROPHONE)
    first = asyncio.ensure_future(anext(source.chunks()))
    await until(lambda: bool(acted.streams))
    devices.refresh()
    assert acted.restarts == 0
    acted.streams[0].finished_callback()
    with pytest.raises(AudioError, match="unplugged"):
        await first
    assert acted.streams[0].closed
    assert devices.find_input("usb") == devices.list_devices()[0]
    assert acted.restarts == 2


async def test_a_microphone_that_delivers_nothing_is_gone(
    acted: ActedPortAudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.audio.sources._STALL_S", 0.05)
    with pytest.raises(AudioError, match="delivers no sound"):
        await anext(MicrophoneSource(MICROPHONE).chunks())


async def test_a_stopped_loudspeaker_is_silent_with_the_next_10_ms(acted: ActedPortAudio) -> None:
    sink = LoudspeakerSink(LOUDSPEAKER)
    await sink.write(np.full(8000, 5000, np.int16), 16000)
    (stream,) = acted.streams
    block = bytearray(480 * 2)
    for _ in range(3):
        stream.callback(block, 480, None, None)
    assert np.frombuffer(block, np.int16)[100] == pytest.approx(5000, abs=100)
    assert not sink.release()
    sink.stop()
    stream.callback(block, 480, None, None)
    assert not np.frombuffer(block, np.int16).any()
    assert sink.release()


async def test_writing_waits_for_the_loudspeaker_and_draining_for_its_end(
    acted: ActedPortAudio,
) -> None:
    sink = LoudspeakerSink(LOUDSPEAKER)
    await sink.write(np.zeros(48000 * 2, np.int16), 48000)
    second = asyncio.create_task(sink.write(np.ones(480, np.int16), 48000))
    await asyncio.sleep(0)
    assert not second.done()
    block = bytearray(48000 * 2)
    acted.streams[0].callback(block, 48000, None, None)
    acted.streams[0].callback(block, 48000, None, None)
    async with asyncio.timeout(1):
        await second
    drained = asyncio.create_task(sink.drain())
    await asyncio.sleep(0)
    assert not drained.done()
    acted.streams[0].callback(block, 48000, None, None)
    async with asyncio.timeout(1):
        await drained
    await sink.close()


async def test_an_unplugged_loudspeaker_is_an_error(acted: ActedPortAudio) -> None:
    sink = LoudspeakerSink(LOUDSPEAKER)
    await sink.write(np.zeros(480, np.int16), 48000)
    drained = asyncio.create_task(sink.drain())
    await asyncio.sleep(0)
    acted.streams[0].finished_callback()
    with pytest.raises(AudioError, match='"Speakers" is gone'):
        await drained


@pytest.mark.parametrize(
    ("name", "direction", "expected"),
    [
        ("default", "input", MICROPHONE),
        ("usb", "input", MICROPHONE),
        ("Speakers", "output", LOUDSPEAKER),
        ("speakers", "input", 'no microphone called "speakers"; there is "USB Microphone"'),
    ],
)
def test_devices_are_found_by_name(name: str, direction: Any, expected: Device | str) -> None:
    found = devices.choose((MICROPHONE, LOUDSPEAKER), name, direction)
    if isinstance(expected, str):
        assert isinstance(found, str)
        assert expected in found
    else:
        assert found == expected


def test_without_devices_there_is_one_sentence() -> None:
    sentence = devices.choose((), "default", "input")
    assert isinstance(sentence, str)
    assert sentence.startswith("No microphone was found")
    assert "none" in str(devices.find_output("none"))


def test_without_portaudio_the_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import builtins

    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name == "sounddevice":
            raise OSError("PortAudio library not found")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    assert "libportaudio2" in str(devices.find_input())
