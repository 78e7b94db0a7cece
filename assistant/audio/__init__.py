"""Sound in and sound out; past this door all audio is 16 kHz mono int16."""

from assistant.audio.resample import Resampler, to_pcm16k
from assistant.audio.wav import read_wav, write_wav

__all__ = ["Resampler", "read_wav", "to_pcm16k", "write_wav"]
