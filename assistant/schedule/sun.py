"""When the sun rises and sets at a place: computed here, for nobody is to be asked.

The equations of NOAA's solar calculator (https://gml.noaa.gov/grad/solcalc/calcdetails.html),
which are those of Jean Meeus, Astronomical Algorithms: right to about a minute between the
polar circles. The sun counts as up when its upper edge is seen above a flat horizon: a centre at
90.833 degrees from the zenith.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

_ZENITH = math.radians(90.833)
_J2000 = dt.datetime(2000, 1, 1, 12, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """A place on the earth, in degrees; north and east are positive."""

    latitude: float
    longitude: float


def sun_moment(date: dt.date, place: Place, event: str) -> dt.datetime | None:
    """The moment (UTC) of "sunrise" or "sunset" on a calendar day at `place`.

    None where the sun does not do so on that day: north and south of the polar circles.
    """
    side = -1 if event == "sunrise" else 1
    noon = dt.datetime.combine(date, dt.time(12), tzinfo=dt.UTC)
    moment = noon - dt.timedelta(minutes=4 * place.longitude)
    for _ in range(3):  # the sun moves on while it sinks: again, with where it is then
        equation_min, declination = _sun(moment)
        latitude = math.radians(place.latitude)
        cosine = math.cos(_ZENITH) / (math.cos(latitude) * math.cos(declination)) - math.tan(
            latitude
        ) * math.tan(declination)
        if not -1 <= cosine <= 1:
            return None
        angle = math.degrees(math.acos(cosine))
        minutes = -equation_min - 4 * (place.longitude - side * angle)
        moment = noon + dt.timedelta(minutes=minutes)
    return moment


def _sun(moment: dt.datetime) -> tuple[float, float]:
    """The equation of time in minutes, and the sun's declination in radians."""
    century = (moment - _J2000).total_seconds() / 86400 / 36525
    mean = math.radians((280.46646 + century * (36000.76983 + century * 0.0003032)) % 360)
    anomaly = math.radians(357.52911 + century * (35999.05029 - 0.0001537 * century))
    eccentricity = 0.016708634 - century * (0.000042037 + 0.0000001267 * century)
    centre = (
        math.sin(anomaly) * (1.914602 - century * (0.004817 + 0.000014 * century))
        + math.sin(2 * anomaly) * (0.019993 - 0.000101 * century)
        + math.sin(3 * anomaly) * 0.000289
    )
    node = math.radians(125.04 - 1934.136 * century)
    longitude = mean + math.radians(centre - 0.00569 - 0.00478 * math.sin(node))
    tilt = 23 + (26 + (21.448 - century * (46.815 + century * 0.00059)) / 60) / 60
    obliquity = math.radians(tilt + 0.00256 * math.cos(node))
    declination = math.asin(math.sin(obliquity) * math.sin(longitude))
    y = math.tan(obliquity / 2) ** 2
    equation = (
        y * math.sin(2 * mean)
        - 2 * eccentricity * math.sin(anomaly)
        + 4 * eccentricity * y * math.sin(anomaly) * math.cos(2 * mean)
        - 0.5 * y * y * math.sin(4 * mean)
        - 1.25 * eccentricity**2 * math.sin(2 * anomaly)
    )
    return 4 * math.degrees(equation), declination
