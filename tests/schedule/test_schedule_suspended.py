"""A machine that is suspended: the kernel's own clocks, as a process sees them that wakes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHILD = Path(__file__).with_name("suspended_schedule.py")
_ROOT_OF_ITS_OWN = ["unshare", "--user", "--map-root-user", "--time", "--boottime", "0", "--fork"]
_SECOND = 2


def _may_have_clocks_of_its_own() -> bool:
    if shutil.which("unshare") is None:
        return False
    tried = subprocess.run([*_ROOT_OF_ITS_OWN, "true"], capture_output=True, check=False)
    return tried.returncode == 0


@pytest.mark.skipif(
    not _may_have_clocks_of_its_own(), reason="this kernel gives no time namespace to users"
)
def test_what_came_due_during_suspend_rings_within_a_second_of_waking(tmp_path: Path) -> None:
    played = subprocess.run(
        [*_ROOT_OF_ITS_OWN, sys.executable, str(CHILD), str(tmp_path / "assistant.db")],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert played.returncode == 0, played.stderr
    said = [json.loads(line) for line in played.stdout.splitlines()]
    [[_, before]] = [line for line in said if line[0] == "before"]
    assert before == pytest.approx(
        {"roast": 1199, "tea": 1749, "bread": 7199, "held": 1900}, abs=_SECOND
    )
    assert ["slept", 1800] in said
    told = {name: (kind, late, waited) for kind, name, late, waited in
            (line for line in said if len(line) == 4)}  # fmt: skip
    assert {name: kind for name, (kind, _, _) in told.items()} == {"roast": "missed", "tea": "ring"}
    assert [told[name][1] for name in ("roast", "tea")] == pytest.approx([601, 51], abs=_SECOND)
    assert max(waited for _, _, waited in told.values()) < 1.5
    [[_, after]] = [line for line in said if line[0] == "after"]
    assert after == pytest.approx({"bread": 7199 - 1800 - 2.5, "held": 1900}, abs=_SECOND)
