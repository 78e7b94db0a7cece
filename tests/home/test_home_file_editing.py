"""Changing a home file in place: what is not changed stays, to the last blank."""

from __future__ import annotations

import difflib
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.errors import HomeFileError
from assistant.home.file.editing import HomeFileText
from assistant.home.file.reading import load_home

FILE = """# My home
language:   en
areas:
  - {id: kitchen,   name: Kitchen}   # the heart

# the devices
devices:
  # first
  - id: 0x17       # by the window
    name:  "Lamp"
    aliases: [a, b]

  - {id: plug, name: Plug,   exposed: no}
  # last

groups: []
# the end
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "home.yaml"
    path.write_text(FILE)
    return path


Edit = Callable[[HomeFileText], object]
CASES: list[tuple[Edit, str]] = [
    (lambda t: t.put("devices", "0x17", "name", "Lampe"),
     '-    name:  "Lamp"\n+    name: "Lampe"\n'),
    (lambda t: t.put("devices", "0x17", "area", "kitchen"), "+    area: kitchen\n"),
    (lambda t: t.put("devices", "0x17", "name", "Lamp"), ""),
    (lambda t: t.put("devices", "plug", "hidden", True),
     "-  - {id: plug, name: Plug,   exposed: no}\n"
     "+  - {id: plug, name: Plug, exposed: no, hidden: true}\n"),
    (lambda t: t.put("devices", "0x18", "name", "Neu: on"),
     "+  - id: 0x18\n+    name: \"Neu: on\"\n"),
    (lambda t: t.put("areas", "bath", "name", "Bath"), "+  - id: bath\n+    name: Bath\n"),
    (lambda t: t.put("groups", "g", "members", ["0x17", "plug"]),
     "-groups: []\n+groups:\n+  - id: g\n+    members: [0x17, plug]\n"),
    (lambda t: t.put("floors", "up", "name", "1.10"),
     "+\n+floors:\n+  - id: up\n+    name: '1.10'\n"),
    (lambda t: t.add_alias("devices", "0x17", "c", "", "en"),
     "-    aliases: [a, b]\n+    aliases: [a, b, c]\n"),
    (lambda t: t.add_alias("devices", "0x17", "A", "", "en"), ""),
    (lambda t: t.add_alias("devices", "0x17", "Licht", "de", "en"),
     "-    aliases: [a, b]\n+    aliases: {en: [a, b], de: [Licht]}\n"),
    (lambda t: t.remove_alias("devices", "0x17", "B"),
     "-    aliases: [a, b]\n+    aliases: [a]\n"),
    (lambda t: t.drop("devices", "plug", "exposed"),
     "-  - {id: plug, name: Plug,   exposed: no}\n+  - {id: plug, name: Plug}\n"),
    (lambda t: t.remove("devices", "plug"),
     "-  - {id: plug, name: Plug,   exposed: no}\n"),
    (lambda t: t.remove("devices", "0x17"),
     '-  - id: 0x17       # by the window\n-    name:  "Lamp"\n-    aliases: [a, b]\n'),
]  # fmt: skip


@pytest.mark.parametrize(("change", "lines"), CASES)
def test_only_the_lines_change_that_have_to(path: Path, change: Edit, lines: str) -> None:
    text = HomeFileText(path)
    change(text)
    marks = difflib.ndiff(FILE.splitlines(keepends=True), text.after.splitlines(keepends=True))
    changed = [line[0] + line[2:] for line in marks if line[0] in "+-"]
    assert changed == lines.splitlines(keepends=True)
    text.save()
    assert path.read_text() == text.after
    load_home(path)


BLOCKS = """devices:
  - id: a
    hidden: true
    aliases:
      - x  # ex

      - y
    area: den

  # second
  - id: b
    aliases:
    - u

# third
  - id: c
    aliases:
      de:
        - v
# end
areas: [{id: den}]
"""
IN_BLOCKS: list[tuple[Edit, str]] = [
    (lambda t: t.add_alias("devices", "a", "z: 1", "", "en"), '+      - "z: 1"\n'),
    (lambda t: t.remove_alias("devices", "a", "x"), "-      - x  # ex\n"),
    (lambda t: t.add_alias("devices", "b", "w", "", "en"), "+    - w\n"),
    (lambda t: t.remove_alias("devices", "b", "u"), "-    aliases:\n-    - u\n"),
    (lambda t: t.add_alias("devices", "a", "w", "de", "en"),
     "-    aliases:\n-      - x  # ex\n-\n-      - y\n+    aliases: {en: [x, y], de: [w]}\n"),
    (lambda t: t.add_alias("devices", "c", "w", "", "en"),
     "-    aliases:\n-      de:\n-        - v\n+    aliases: {de: [v], en: [w]}\n"),
    (lambda t: t.drop("devices", "a", "area"), "-    area: den\n"),
    (lambda t: t.drop("devices", "a", "hidden"), "-    hidden: true\n"),
    (lambda t: t.put("devices", "a", "area", "hall"), "-    area: den\n+    area: hall\n"),
    (lambda t: t.put("devices", "b", "name", "B"), "+    name: B\n"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "lines"), IN_BLOCKS)
def test_comments_between_long_entries_stay_where_they_are(
    path: Path, change: Edit, lines: str
) -> None:
    path.write_text(BLOCKS)
    text = HomeFileText(path)
    change(text)
    marks = difflib.ndiff(BLOCKS.splitlines(keepends=True), text.after.splitlines(keepends=True))
    changed = [line[0] + line[2:] for line in marks if line[0] in "+-"]
    assert sorted(changed) == sorted(lines.splitlines(keepends=True))
    assert text.after.index("# second") < text.after.index("# third") < text.after.index("# end")


def test_what_the_user_wrote_is_remembered_when_it_goes(path: Path) -> None:
    text = HomeFileText(path)
    text.put("devices", "0x17", "area", "kitchen")
    text.add_alias("devices", "0x17", "c", "", "en")
    assert text.replaced == []
    text.put("devices", "0x17", "name", "Lampe")
    text.add_alias("devices", "0x17", "d", "de", "en")
    text.remove("devices", "plug")
    assert text.replaced == [
        "name: Lamp", "aliases: [a, b, c]", "plug: id: plug, name: Plug, exposed: no",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "devices:\n  - id: d\n    name: N\n"),
        ("# only a comment", "# only a comment\n\ndevices:\n  - id: d\n    name: N\n"),
        ("devices:\n#  - id: x\n", "devices:\n  - id: d\n    name: N\n#  - id: x\n"),
        ("devices: [a]\n", "devices: [a, {id: d, name: N}]\n"),
        ("devices: [a, d]\n", "devices: [a, {id: d, name: N}]\n"),
        ("devices:\n  d: Old\n", "devices:\n  d:\n    name: N\n"),
        ("devices:\n  a: Old\n", "devices:\n  a: Old\n  d:\n    name: N\n"),
        (
            "devices:\n- id: a\n  aliases:\n  - b\n  # c\n\n# d\nareas: []\n",
            "devices:\n- id: a\n  aliases:\n  - b\n- id: d\n  name: N\n  # c\n\n# d\nareas: []\n",
        ),
    ],
)
def test_a_new_device_finds_its_place_in_every_kind_of_file(
    path: Path, before: str, after: str
) -> None:
    path.write_text(before)
    text = HomeFileText(path)
    text.put("devices", "d", "name", "N")
    assert text.after == after
    text.save()
    assert load_home(path).corrections["d"]["name"] == "N"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(min_size=1, max_size=20), key=st.sampled_from(["0x17", "plug", "new", "5"]))
def test_any_name_comes_back_as_it_was_given(path: Path, name: str, key: str) -> None:
    path.write_text(FILE)
    text = HomeFileText(path)
    if not name.isprintable():
        with pytest.raises(HomeFileError, match="signs that cannot be seen"):
            text.put("devices", key, "name", name)
        return
    text.put("devices", key, "name", name)
    text.add_alias("devices", key, name + "x", "", "en")
    text.save()
    fields = load_home(path).corrections[key]
    assert fields["name"] == name
    assert (name + "x") in fields["aliases"]


def test_a_file_keeps_its_mode_and_its_link_and_is_never_half_written(
    path: Path, tmp_path: Path
) -> None:
    path.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(path)
    text = HomeFileText(link)
    text.put("devices", "plug", "name", "Socket")
    text.save()
    assert link.is_symlink()
    assert "Socket" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert {one.name for one in tmp_path.iterdir()} == {"home.yaml", "link.yaml"}


def test_somebody_elses_change_meanwhile_is_not_overwritten(path: Path) -> None:
    text = HomeFileText(path)
    text.put("devices", "plug", "name", "Socket")
    path.write_text("# mine\n")
    with pytest.raises(HomeFileError, match="changed by somebody else meanwhile"):
        text.save()
    assert path.read_text() == "# mine\n"


def test_a_wrong_file_is_not_touched(path: Path) -> None:
    path.write_text("devices: [{id: a, nam: x}]")
    with pytest.raises(HomeFileError, match='did you mean "name"'):
        HomeFileText(path)
