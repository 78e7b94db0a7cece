"""Brightness, colour and colour temperature, as lights of all schemas write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.home.colors import Rgb, kelvin_to_rgb
from assistant.home.mqtt.dialect import AnnouncementError, GarbageError
from assistant.home.mqtt.homeassistant.config import Config, short
from assistant.home.mqtt.homeassistant.readers import as_float, tidy
from assistant.types import SlotValue

WHITE: Rgb = (255, 255, 255)
COLOR_MODES = frozenset({"hs", "rgb", "rgbw", "rgbww", "xy"})
_DEFAULT_MIREDS = (153, 500)
_COLDEST_K, _WARMEST_K = 6535, 2000


def kelvin_range(config: Config) -> tuple[int, int]:
    """The colour temperatures that a light can show, in kelvin. Raises `AnnouncementError`."""
    warmest = config.number("max_mireds", _DEFAULT_MIREDS[1])
    coldest = config.number("min_mireds", _DEFAULT_MIREDS[0])
    if warmest < 1 or coldest < 1:
        raise AnnouncementError("mireds must be above 0")
    low = config.number("min_kelvin", 1_000_000 / warmest)
    high = config.number("max_kelvin", 1_000_000 / coldest)
    if not 0 < low <= high <= 1_000_000:
        raise AnnouncementError("the range of colour temperatures is empty")
    return round(low), round(high)


def from_kelvin(config: Config, kelvin: float) -> int:
    """A colour temperature as the light wants it: kelvin or mireds."""
    return round(kelvin) if config.flag("color_temp_kelvin") else round(1_000_000 / kelvin)


def to_kelvin(config: Config, number: float) -> int:
    """Kelvin from what the light says. Raises `GarbageError`."""
    if not 0.001 < number < 1e9:
        raise GarbageError("a colour temperature must be above 0")
    return round(number) if config.flag("color_temp_kelvin") else round(1_000_000 / number)


def to_percent(number: float, scale: float) -> int | float:
    """Percent from a brightness of 0 to `scale`. Raises `GarbageError`."""
    if number < 0:
        raise GarbageError("a brightness must not be below 0")
    return tidy(min(100.0, round(number * 100 / scale, 1)))


def scaled(percent: SlotValue, scale: float) -> int:
    """A brightness of 1 to `scale` from percent."""
    return max(1, round(float(percent) * scale / 100)) if isinstance(percent, int | float) else 0


def scale_of(config: Config, key: str) -> float:
    """What stands for full brightness. Raises `AnnouncementError`."""
    scale = config.number(key, 255)
    if not 1 <= scale <= 1e9:
        raise AnnouncementError(f"{key} must be at least 1")
    return scale


def color_of(data: Mapping[str, SlotValue]) -> Rgb | None:
    """The colour that a command asks for."""
    color = data.get("rgb_color")
    if isinstance(color, tuple) and len(color) == 3:
        red, green, blue = (int(channel) for channel in color)
        return red, green, blue
    return None


def channels(text: str, count: int) -> list[float]:
    """Numbers with commas between. Raises `GarbageError`."""
    parts = text.split(",")
    if len(parts) < count:
        raise GarbageError(f"expected {count} numbers with commas between, found {short(text)}")
    return [as_float(part) for part in parts[:count]]


def as_rgb(levels: Sequence[float]) -> Rgb:
    """Three channels, whole and within 0 to 255."""
    red, green, blue = (min(255, max(0, round(level))) for level in levels)
    return red, green, blue


def dimmed(rgb: Rgb, percent: float) -> Rgb:
    """A colour at a brightness, for lights that know no other."""
    return as_rgb([channel * percent / 100 for channel in rgb])


def full(rgb: Rgb) -> tuple[Rgb, int | float]:
    """A colour at full brightness, and its brightness in percent."""
    brightest = max(rgb)
    if brightest == 0:
        return rgb, 0
    return as_rgb([channel * 255 / brightest for channel in rgb]), to_percent(brightest, 255)


def to_rgbw(rgb: Rgb) -> tuple[int, ...]:
    """A colour with as much white as there is in it, as bright as it was."""
    white = min(rgb)
    return _as_bright(rgb, [channel - white for channel in rgb] + [white])


def from_rgbw(levels: Sequence[float]) -> Rgb:
    """The colour that red, green, blue and white make."""
    return as_rgb(_as_bright(levels, [channel + levels[3] for channel in levels[:3]]))


def to_rgbww(rgb: Rgb) -> tuple[int, ...]:
    """A colour with as much of both whites as there is in it, as bright as it was."""
    middle = kelvin_to_rgb(2 / (1 / _WARMEST_K + 1 / _COLDEST_K))
    share = min(channel / white for channel, white in zip(rgb, middle, strict=True) if white)
    rest = [channel - white * share for channel, white in zip(rgb, middle, strict=True)]
    return _as_bright(rgb, [*rest, share * 255, share * 255])


def from_rgbww(levels: Sequence[float], kelvin: tuple[int, int] | None = None) -> Rgb:
    """The colour that red, green, blue, cold and warm white make."""
    red, green, blue, cold, warm = levels
    warmest, coldest = kelvin or (_WARMEST_K, _COLDEST_K)
    share = warm / (cold + warm) if cold + warm else 0.5
    white = kelvin_to_rgb(1 / (share / warmest + (1 - share) / coldest))
    level = max(cold, warm) / 255
    mixed = [own + add * level for own, add in zip((red, green, blue), white, strict=True)]
    return as_rgb(_as_bright(levels, mixed))


def _as_bright(given: Sequence[float], made: Sequence[float]) -> tuple[int, ...]:
    """The channels made, as bright as those given."""
    most = max(made)
    factor = max(given) / most if most > 0 else 0.0
    return tuple(min(255, max(0, round(channel * factor))) for channel in made)
