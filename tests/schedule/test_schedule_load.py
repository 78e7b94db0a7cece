"""How fast it is: reported, not asserted, for the machine that runs the tests is anybody's."""

from __future__ import annotations

from pathlib import Path

from assistant.cli.bench_schedule import ENTRIES, lateness_ms, start_s

RINGS = 100


def test_ten_thousand_entries_are_loaded(tmp_path: Path) -> None:
    print(f"\n{ENTRIES} entries: start in {start_s(tmp_path / 'assistant.db'):.3f} s")


async def test_timers_ring_on_a_machine_with_all_cores_loaded(tmp_path: Path) -> None:
    late = sorted(await lateness_ms(tmp_path / "assistant.db", RINGS))
    assert len(late) == RINGS
    print(
        f"\n{RINGS} rings: p50 {late[RINGS // 2]:.1f} ms, p99 {late[RINGS * 99 // 100]:.1f} ms late"
    )
