"""What is taken from the assistant's own topics, and what is refused."""

from __future__ import annotations

import random

import pytest

from assistant.presence.commands import (
    MAX_BYTES,
    MAX_TEXT,
    PayloadError,
    read_mute,
    read_request,
    read_text,
    read_volume,
)
from assistant.types import Request


@pytest.mark.parametrize(
    ("payload", "request_"),
    [
        ("turn on the light", Request("turn on the light", conversation="mqtt")),
        ("  two\nlines\x00 ", Request("two lines", conversation="mqtt")),
        ("Licht an", Request("Licht an", conversation="mqtt")),
        ('{"text": "stop"}', Request("stop", conversation="mqtt")),
        (
            '{"text": "Licht an", "area": "Küche", "language": "de", "conversation": "panel-1"}',
            Request("Licht an", area="Küche", language="de", conversation="mqtt:panel-1"),
        ),
        ('{"text": "stop", "area": ""}', Request("stop", conversation="mqtt")),
    ],
)
def test_a_request_is_text_or_an_object(payload: str, request_: Request) -> None:
    assert read_request(payload.encode()) == request_


@pytest.mark.parametrize("name", ["voice", "control", "mqtt", "a.b-c_1"])
def test_no_request_can_take_part_in_a_conversation_that_is_not_held_by_mqtt(name: str) -> None:
    read = read_request(f'{{"text": "yes", "conversation": "{name}"}}'.encode())
    assert read.conversation == f"mqtt:{name}"


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"   ",
        b"\xff\xfe",
        b"{",
        b"{}",
        b'{"text": ""}',
        b'{"text": 5}',
        b'{"text": "yes", "conversation": "mqtt:x"}',
        b'{"text": "yes", "conversation": "a/b"}',
        b'{"text": "hello", "language": "../../etc"}',
        b'{"text": "hello", "dry_run": true}',
        b'{"text": ' + b"[" * 4000,
        b"x" * (MAX_TEXT + 1),
        b'{"text": "' + b"x" * (MAX_TEXT + 1) + b'"}',
        b" " * MAX_BYTES + b"x",
    ],
)
def test_what_is_no_request_is_refused(payload: bytes) -> None:
    with pytest.raises(PayloadError):
        read_request(payload)


@pytest.mark.parametrize(
    ("payload", "volume"), [(b"0", 0), (b"100", 100), (b"42.6", 43), (b" 7 ", 7)]
)
def test_a_volume_is_a_percentage(payload: bytes, volume: int) -> None:
    assert read_volume(payload) == volume


@pytest.mark.parametrize("payload", [b"", b"loud", b"-1", b"101", b"nan", b"inf", b"\xff"])
def test_what_is_no_volume_is_refused(payload: bytes) -> None:
    with pytest.raises(PayloadError):
        read_volume(payload)


def test_mute_is_on_or_off() -> None:
    assert read_mute(b"ON")
    assert not read_mute(b"off")
    for payload in (b"", b"yes", b"1", b"ON\xff"):
        with pytest.raises(PayloadError):
            read_mute(payload)


def test_rubbish_is_refused_and_never_more_than_that() -> None:
    rubbish = random.Random(7)
    for _ in range(2000):
        payload = rubbish.randbytes(rubbish.randrange(60))
        if rubbish.random() < 0.5:
            payload = b'{"text": "' + payload
        for read in (read_request, read_text, read_mute, read_volume):
            try:
                read(payload)
            except PayloadError as refusal:
                assert str(refusal)
