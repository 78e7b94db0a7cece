"""Colours: names to RGB, and conversions between the ways lamps speak of colour."""

from __future__ import annotations

import colorsys
import math

Rgb = tuple[int, int, int]

COLORS: dict[str, Rgb] = {
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
    "yellow": (255, 255, 0),
    "orange": (255, 165, 0),
    "purple": (128, 0, 128),
    "violet": (238, 130, 238),
    "pink": (255, 192, 203),
    "white": (255, 255, 255),
    "black": (0, 0, 0),
    "brown": (165, 42, 42),
    "cyan": (0, 255, 255),
    "turquoise": (64, 224, 208),
    "teal": (0, 128, 128),
    "magenta": (255, 0, 255),
    "fuchsia": (255, 0, 255),
    "lime": (0, 255, 0),
    "gold": (255, 215, 0),
    "indigo": (75, 0, 130),
    "lavender": (230, 230, 250),
    "lilac": (200, 162, 200),
    "salmon": (250, 128, 114),
    "coral": (255, 127, 80),
    "crimson": (220, 20, 60),
    "maroon": (128, 0, 0),
    "navy": (0, 0, 128),
    "olive": (128, 128, 0),
    "beige": (245, 245, 220),
    "ivory": (255, 255, 240),
    "mint": (152, 255, 152),
    "peach": (255, 218, 185),
    "amber": (255, 191, 0),
    "aquamarine": (127, 255, 212),
    "chartreuse": (127, 255, 0),
    "khaki": (240, 230, 140),
    "orchid": (218, 112, 214),
    "plum": (221, 160, 221),
    "skyblue": (135, 206, 235),
    "lightblue": (173, 216, 230),
    "darkblue": (0, 0, 139),
    "lightgreen": (144, 238, 144),
    "darkgreen": (0, 100, 0),
    "darkred": (139, 0, 0),
    "royalblue": (65, 105, 225),
    "hotpink": (255, 105, 180),
    "tomato": (255, 99, 71),
    "grey": (128, 128, 128),
    "gray": (128, 128, 128),
    "silver": (192, 192, 192),
}
"""Colours by name, after the CSS colour keywords (W3C CSS Color Module Level 4)."""

WHITES: dict[str, int] = {
    "candlelight": 2000,
    "warmwhite": 2700,
    "softwhite": 3000,
    "white": 4000,
    "neutralwhite": 4000,
    "coolwhite": 5500,
    "coldwhite": 6000,
    "daylight": 6500,
}
"""Shades of white by name, in kelvin."""


def color_key(name: str) -> str:
    """The spelling under which a colour is looked up: "Light Blue" becomes "lightblue"."""
    return "".join(character for character in name.casefold() if character.isalnum())


def rgb_to_hs(rgb: Rgb) -> tuple[float, float]:
    """Hue 0..360 and saturation 0..100."""
    hue, saturation, _ = colorsys.rgb_to_hsv(*(channel / 255 for channel in rgb))
    return round(hue * 360, 3), round(saturation * 100, 3)


def hs_to_rgb(hue: float, saturation: float) -> Rgb:
    """RGB at full brightness from hue 0..360 and saturation 0..100."""
    red, green, blue = colorsys.hsv_to_rgb((hue % 360) / 360, min(saturation, 100) / 100, 1.0)
    return round(red * 255), round(green * 255), round(blue * 255)


def rgb_to_xy(rgb: Rgb) -> tuple[float, float]:
    """CIE 1931 chromaticity of an sRGB colour (IEC 61966-2-1); D65 white for black."""
    linear = [
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in (value / 255 for value in rgb)
    ]
    x = 0.4124 * linear[0] + 0.3576 * linear[1] + 0.1805 * linear[2]
    y = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    z = 0.0193 * linear[0] + 0.1192 * linear[1] + 0.9505 * linear[2]
    total = x + y + z
    return (round(x / total, 4), round(y / total, 4)) if total else (0.3127, 0.329)


def xy_to_rgb(x: float, y: float) -> Rgb:
    """The brightest sRGB colour of a CIE 1931 chromaticity."""
    y = max(y, 1e-6)
    big_x, big_z = x / y, (1 - x - y) / y
    linear = (
        3.2406 * big_x - 1.5372 - 0.4986 * big_z,
        -0.9689 * big_x + 1.8758 + 0.0415 * big_z,
        0.0557 * big_x - 0.2040 + 1.0570 * big_z,
    )
    brightest = max(*linear, 1e-6)
    channels = (max(0.0, value / brightest) for value in linear)
    gamma = (c * 12.92 if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055 for c in channels)
    red, green, blue = (round(min(1.0, value) * 255) for value in gamma)
    return red, green, blue


def kelvin_to_rgb(kelvin: float) -> Rgb:
    """The colour of white light of a temperature, for lamps without a white channel.

    Tanner Helland's fit of the black-body table of Mitchell Charity, 1000 K to 40000 K.
    """
    hundreds = min(max(kelvin, 1000), 40000) / 100
    if hundreds <= 66:
        red = 255.0
        green = 99.4708025861 * math.log(hundreds) - 161.1195681661
    else:
        red = 329.698727446 * (hundreds - 60) ** -0.1332047592
        green = 288.1221695283 * (hundreds - 60) ** -0.0755148492
    if hundreds >= 66:
        blue = 255.0
    elif hundreds <= 19:
        blue = 0.0
    else:
        blue = 138.5177312231 * math.log(hundreds - 10) - 305.0447927307
    warm, middle, cold = (round(min(max(value, 0.0), 255.0)) for value in (red, green, blue))
    return warm, middle, cold
