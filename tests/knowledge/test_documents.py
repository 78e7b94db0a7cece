"""The folder of documents: what is read, what is refused and how, and when it is read again."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from assistant.knowledge import documents
from assistant.knowledge.documents import read, spoken, title_of
from assistant.knowledge.index import Index


def reasons(index: Index) -> dict[str, str]:
    return {each.file: each.reason for each in index.files() if each.reason}


def test_markdown_is_read_as_what_would_be_spoken(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        "# Boiler\nIntro with a [link](http://x.y/z) and `code`.\n\n"
        "## Care\n- **Rinse** it\n- Dry it\n\nOld style\n---------\nLast <b>words</b>.\n"
    )
    assert [(p.heading, p.text) for p in read(tmp_path, "a.md")] == [
        ("Boiler", "Intro with a link and code."),
        ("Boiler. Care", "Rinse it. Dry it."),
        ("Boiler. Old style", "Last words."),
    ]


@pytest.mark.parametrize(
    ("file", "title"),
    [
        ("dishwasher_manual.md", "dishwasher manual"),
        ("kitchen/house-rules.txt", "house rules"),
        ("家规.txt", "家规"),
    ],
)
def test_a_document_is_called_by_its_files_name(file: str, title: str) -> None:
    assert title_of(file) == title


def test_control_characters_and_invisible_ones_are_not_spoken() -> None:
    assert spoken("a\x1b[31mb\u202e c\u200bd") == "a [31mb cd"


def test_bad_files_are_named_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "MAX_BYTES", 2048)
    (tmp_path / "good.txt").write_text("The fuse box is behind the mirror.")
    (tmp_path / "latin.txt").write_bytes("Küche".encode("latin-1"))
    (tmp_path / "zero.txt").write_bytes(b"a\0b")
    (tmp_path / "large.md").write_text("word " * 1000)
    (tmp_path / "manual.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "link.txt").symlink_to("/etc/hostname")
    (tmp_path / ".hidden.md").write_text("hidden")
    os.mkfifo(tmp_path / "pipe.txt")
    index = Index(tmp_path, None)
    index.refresh()
    told = reasons(index)
    assert "UTF-8" in told["latin.txt"]
    assert "not text" in told["zero.txt"]
    assert "larger" in told["large.md"]
    assert "plain text" in told["manual.pdf"]
    assert "link" in told["link.txt"]
    assert "not a file" in told["pipe.txt"]
    assert [each.file for each in index.files() if not each.reason] == ["good.txt"]


def test_too_many_files_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_FILES", 2)
    for number in range(4):
        (tmp_path / f"{number}.txt").write_text("text")
    index = Index(tmp_path, None)
    index.refresh()
    assert list(reasons(index)) == ["2.txt", "3.txt"]


def test_only_what_changed_is_read_again(tmp_path: Path) -> None:
    folder, kept = tmp_path / "documents", tmp_path / "data" / "knowledge.db"
    folder.mkdir()
    (folder / "a.txt").write_text("The key is under the mat.")
    (folder / "b.txt").write_text("The bins go out on Monday.")
    index = Index(folder, kept)
    assert index.refresh()
    assert not index.refresh()
    (folder / "a.txt").write_text("The key is with the neighbours.")
    (folder / "b.txt").unlink()
    (folder / "c.txt").write_text("The bins go out on Friday.")
    assert index.refresh()
    index.close()
    again = Index(folder, kept)
    assert not again.refresh()
    assert {p.text for p in again.search(["bin", "key"])} == {
        "The bins go out on Friday.", "The key is with the neighbours.",
    }  # fmt: skip
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    again.close()


def test_a_damaged_index_is_made_again(tmp_path: Path) -> None:
    folder, kept = tmp_path / "documents", tmp_path / "knowledge.db"
    folder.mkdir()
    (folder / "a.txt").write_text("The key is under the mat.")
    kept.write_bytes(b"this is no database at all" * 400)
    index = Index(folder, kept)
    assert index.refresh()
    assert index.search(["key"])
