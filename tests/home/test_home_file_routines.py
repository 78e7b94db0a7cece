"""Routines of the home file: read, refused, and looked through before anybody runs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.dialogue.routine_check import RoutineCheck
from assistant.errors import HomeFileError
from assistant.home.devices import Device, Features
from assistant.home.file.reading import load_home, parse_home
from assistant.home.model import Home
from assistant.schedule.journal import Journal
from assistant.schedule.routines import RoutineBook
from assistant.store.database import Database
from assistant.store.lists import RoutineRepository
from assistant.types import Action
from assistant.understanding.understanding import Understanding

FILE = """\
routines:
  Good night:
    - turn off the lamp
    - {service: light.turn_on, device: Hall light, data: {brightness_pct: 5}}
    - turn of the lamb
  movie time: turn off the lamp
  late:
    - good night
    - service: light.turn_on
      device: Dragon
    - {service: cover.open_cover, device: front}
"""


def test_a_routine_has_sentences_and_commands_and_their_lines() -> None:
    routines = parse_home(FILE, "home.yaml").routines
    assert [(r.name, [(c.what, c.line) for c in r.commands]) for r in routines][:2] == [
        (
            "Good night",
            [
                ("turn off the lamp", 3),
                (Action("light.turn_on", "Hall light", {"brightness_pct": 5}), 4),
                ("turn of the lamb", 5),
            ],
        ),
        ("movie time", [("turn off the lamp", 6)]),
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("routines: {good night: []}", "routines[good night].commands: "),
        ("routines: {a: [b], A: [c]}", 'routines: the name "a" is there twice'),
        ("routines: {a: [{service: rm -rf, device: x}]}", "routines[a].commands"),
        ("routines: {a: [{service: light.turn_on}]}", "routines[a].commands"),
        ("routines: [1]", "routines"),
    ],
)
def test_what_makes_no_routine_is_refused_with_its_place(text: str, fault: str) -> None:
    with pytest.raises(HomeFileError) as caught:
        parse_home(text, "home.yaml")
    assert fault in str(caught.value)


async def test_what_cannot_be_done_is_told_once_with_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "home.yaml"
    path.write_text(FILE)
    home = Home(
        [
            Device("lamp", "Lamp", "light"),
            Device("hall", "Hall light", "light", features=Features(brightness=True)),
            Device("front", "Front door", "lock"),
        ]
    )
    told: list[str] = []
    check = RoutineCheck(home, told.append)
    database = Database.open(None)
    book = RoutineBook(RoutineRepository(database), Journal(database), {})
    check.take(load_home(path), book)
    understanding = Understanding(home, "en")
    await check.look(understanding)
    await check.look(understanding)
    assert [line.removeprefix(f"{path}:").split(":")[0] for line in told] == ["5", "9", "11"]
    assert '"turn of the lamb" is not understood' in told[0]
    assert 'no device "Dragon"' in told[1]
    assert 'the routine "late": cover.open_cover: ' in told[2]
