"""The JSON of announcements (RFC 8259), and what pretends to be some."""

from __future__ import annotations

from typing import Any

import pytest

from assistant.home.mqtt.announcement import MAX_DEPTH, parse_announcement
from assistant.home.mqtt.dialect import AnnouncementError


@pytest.mark.parametrize(
    ("payload", "document"),
    [
        (b'{"a": [1, 2.5, null, true]}', {"a": [1, 2.5, None, True]}),
        (b' "x" ', "x"),
        ('{"n": "Küche 😀"}'.encode(), {"n": "Küche 😀"}),
        (b'"\\ud83d\\ude00"', "😀"),
        (b'"NaN"', "NaN"),
        (b"[1e999]", [float("inf")]),
    ],
)
def test_json_is_read(payload: bytes, document: Any) -> None:
    assert parse_announcement(payload, 1000) == document


def test_nesting_is_read_down_to_its_limit() -> None:
    assert parse_announcement(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, 1000)
    with pytest.raises(AnnouncementError, match="nested deeper"):
        parse_announcement(b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1), 1000)


@pytest.mark.parametrize(
    "payload",
    [
        b"", b"{", b"{'a': 1}", b"NaN", b"[-Infinity]", b"\xff\xfe", b'"\xed\xa0\x80"',
        b'{"a": "\\ud800"}', b'{"\\udc00": 1}', b"[" * 100_000, b"9" * 5000, b"1 2",
        '{"a": 1}'.encode("utf-16"), b'\xef\xbb\xbf{"a": 1}', b'{"a": "\x01"}',
    ],
    ids=lambda payload: repr(payload[:12]),
)  # fmt: skip
def test_what_is_no_json_is_refused(payload: bytes) -> None:
    with pytest.raises(AnnouncementError, match="not JSON"):
        parse_announcement(payload, 200_000)


def test_what_is_too_long_is_not_even_looked_at() -> None:
    with pytest.raises(AnnouncementError, match="longer than 4 bytes"):
        parse_announcement(b"[1,2]", 4)
