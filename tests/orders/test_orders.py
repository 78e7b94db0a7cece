"""Real recordings of a foreign domain, from sound to slots."""

from __future__ import annotations

import numpy as np
import pytest
from orders import LEVELS_DB, mixed, played, recordings, table

pytestmark = pytest.mark.engine

_LEAST = {None: 0.97, 24: 0.9, 12: 0.9, 6: 0.85}
"""Of a few dozen orders: chance decides on one or two of them."""


async def test_spoken_orders_are_understood_wholly(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("soundfile")
    folder = recordings()
    if folder is None:
        pytest.skip("the recordings are not here; see tests/orders/README.md")
    heard = [one async for one in played(folder)]
    with capsys.disabled():
        print("\n" + "\n".join(table(heard)))
    for snr_db in LEVELS_DB:
        some = [one.right for one in heard if one.snr_db == snr_db]
        assert np.mean(some) >= _LEAST[snr_db], snr_db
    assert sum(one.kind == "wrong" for one in heard) <= 0.03 * len(heard)


def test_noise_is_mixed_at_the_level_asked_for() -> None:
    random = np.random.default_rng(0)
    speech = np.concatenate([np.zeros(4096), random.normal(0, 0.1, 4096)])
    noise = random.normal(0, 0.01, len(speech))
    loud, quiet = mixed(speech, noise, 6)[4096:], mixed(speech, noise, 6)[:4096]
    noise_power = float((quiet.astype(float) ** 2).mean())
    power = float((loud.astype(float) ** 2).mean()) - noise_power
    assert abs(10 * np.log10(power / noise_power) - 6) < 1.5
