"""Frames of Shelly's RPC: requests, answers, notifications.

shelly-api-docs.shelly.cloud/gen2/General/RPCProtocol and …/gen2/General/Notifications.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from enum import IntEnum
from functools import lru_cache
from typing import Any

from assistant.home.mqtt.announcement import parse_announcement
from assistant.home.mqtt.dialect import AnnouncementError, GarbageError, Message

MAX_FRAME = 262_144
"""Longest frame read, in bytes."""

Statuses = Mapping[str, Mapping[str, Any]]
"""Status, or what has changed of it, by component key (`switch:0`)."""

_NOTIFICATIONS = ("NotifyStatus", "NotifyFullStatus")


class Topic(IntEnum):
    """What a request is about: the frame's id, which the answer repeats."""

    CONFIG = 1
    STATUS = 2
    COMPONENTS = 3
    COMMAND = 4


def request(
    prefix: str, source: str, about: Topic, method: str, params: Mapping[str, Any] | None = None
) -> Message:
    """A call of `method` on the device under `prefix`; the answer comes on `<source>/rpc`."""
    frame: dict[str, Any] = {"id": int(about), "src": source, "method": method}
    if params is not None:
        frame["params"] = dict(params)
    return Message(f"{prefix}/rpc", json.dumps(frame, separators=(",", ":")))


def read_frame(payload: bytes) -> Mapping[str, Any]:
    """Any frame. Raises `AnnouncementError`."""
    frame = parse_announcement(payload, MAX_FRAME)
    if not isinstance(frame, dict):
        raise AnnouncementError("expected a JSON object")
    return frame


def complaint(frame: Mapping[str, Any]) -> str | None:
    """What the device has against the request, if this answers one with an error."""
    error = frame.get("error")
    if error is None:
        return None
    about = error if isinstance(error, dict) else {"message": error}
    sentence = f"the device answers with error {about.get('code')}: {about.get('message')}"
    if about.get("code") == 401:
        sentence += " (it wants a password for RPC: switch its authentication off)"
    return sentence[:300]


def statuses_of(frame: Mapping[str, Any]) -> Statuses:
    """The statuses in a notification, or in the answer to `GetStatus`."""
    if frame.get("method") in _NOTIFICATIONS:
        return _objects(frame.get("params"))
    return _objects(frame.get("result")) if frame.get("id") == Topic.STATUS else {}


def listed(result: object) -> Mapping[str, Mapping[str, Any]]:
    """The entries of `GetComponents` by component key."""
    entries = result.get("components") if isinstance(result, dict) else None
    return {
        entry["key"]: entry
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, dict) and isinstance(entry.get("key"), str)
    }


def events_of(frame: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The events of a notification."""
    params = frame.get("params")
    if frame.get("method") != "NotifyEvent" or not isinstance(params, dict):
        return ()
    events = params.get("events")
    return [one for one in events if isinstance(one, dict)] if isinstance(events, list) else ()


@lru_cache(maxsize=8)
def frame_in(payload: str) -> Mapping[str, Any]:
    """A frame among state messages; kept, for all parts of a device read the same message.

    Raises `GarbageError`.
    """
    try:
        return read_frame(payload.encode())
    except AnnouncementError as error:
        raise GarbageError(str(error)) from error


def _objects(value: object) -> Statuses:
    if not isinstance(value, dict):
        return {}
    return {key: inner for key, inner in value.items() if isinstance(inner, dict)}
