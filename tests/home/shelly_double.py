"""A Shelly of the second generation, as far as it can be told from the public documentation.

shelly-api-docs.shelly.cloud/gen2: General/RPCProtocol, General/Notifications,
ComponentsAndServices (Mqtt, Shelly, Switch, Light, Cover), DynamicComponents.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import aiomqtt

from assistant.home.mqtt.ending import end

MAC = "A8032AB12345"
ID = "shellyplus1pm-a8032ab12345"
PAGE = 3
"""Dynamic components in one answer to Shelly.GetComponents."""

Sent = tuple[str, str]
"""Topic and payload."""


def device_config(name: str | None = "Kitchen", **components: Any) -> dict[str, Any]:
    """An answer to Shelly.GetConfig; `switch_0={…}` is the component `switch:0`."""
    return {
        "ble": {"enable": False},
        "cloud": {"enable": False, "server": "x:6022/jrpc"},
        "mqtt": {
            "enable": True, "server": "10.0.0.1:1883", "client_id": ID, "user": None,
            "topic_prefix": ID, "rpc_ntf": True, "status_ntf": False, "enable_rpc": True,
            "enable_control": True,
        },
        "sys": {
            "device": {"name": name, "mac": MAC, "fw_id": "x", "discoverable": True},
            "location": {"tz": "Europe/Berlin"}, "ui_data": {}, "cfg_rev": 14,
        },
        "wifi": {"sta": {"ssid": "home", "enable": True}},
        **keyed(components),
    }  # fmt: skip


def device_status(**components: Any) -> dict[str, Any]:
    """An answer to Shelly.GetStatus."""
    return {
        "ble": {}, "cloud": {"connected": False}, "mqtt": {"connected": True},
        "sys": {"mac": MAC, "restart_required": False, "uptime": 100},
        "wifi": {"sta_ip": "10.0.0.5", "rssi": -50},
        **keyed(components),
    }  # fmt: skip


def keyed(components: dict[str, Any]) -> dict[str, Any]:
    """`switch_0` as the component's key `switch:0`, with its id inside."""
    found = {}
    for name, body in components.items():
        kind, _, number = name.rpartition("_")
        found[f"{kind}:{number}"] = {"id": int(number), **body}
    return found


class ShellyDouble:
    """What a Shelly says and does; `config` and `status` are what it answers with."""

    def __init__(
        self,
        config: dict[str, Any],
        status: dict[str, Any],
        added: list[dict[str, Any]] | None = None,
        identifier: str = ID,
    ) -> None:
        self.id, self.config, self.status = identifier, config, status
        self.added = added or []
        self.prefix = config["mqtt"]["topic_prefix"] or identifier
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.refuses: dict[str, dict[str, Any]] = {}
        """Errors by method."""

    def receive(self, payload: str) -> list[Sent]:
        """What it publishes when this comes on `<prefix>/rpc`: the answer, and what changed."""
        frame = json.loads(payload)
        method, params = frame["method"], frame.get("params", {})
        self.calls.append((method, params))
        answer: dict[str, Any] = {"id": frame["id"], "src": self.id, "dst": frame["src"]}
        changed: dict[str, Any] = {}
        if method in self.refuses:
            answer["error"] = self.refuses[method]
        else:
            answer["result"], changed = self._call(method, params)
        sent = [(f"{frame['src']}/rpc", json.dumps(answer))]
        return [*sent, self.notify(changed)] if changed else sent

    def notify(self, changed: dict[str, Any], method: str = "NotifyStatus") -> Sent:
        """A notification that this has changed."""
        params = {"ts": 1700000000.12, **changed}
        body = {"src": self.id, "dst": f"{self.prefix}/events", "method": method, "params": params}
        return f"{self.prefix}/events/rpc", json.dumps(body)

    def fire(self, component: str, event: str) -> Sent:
        """A notification of an event."""
        one = {"component": component, "id": 0, "event": event, "ts": 1700000000.12}
        return self.notify({"events": [one]}, "NotifyEvent")

    def _call(self, method: str, params: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        kind, _, verb = method.partition(".")
        key = f"{kind.lower()}:{params.get('id')}"
        match method:
            case "Shelly.GetConfig":
                return self.config, {}
            case "Shelly.GetStatus":
                return self.status, {}
            case "Shelly.GetComponents":
                start = params["offset"]
                page = self.added[start : start + PAGE]
                about = {"cfg_rev": 1, "offset": start, "total": len(self.added)}
                return {"components": page, **about}, {}
            case "Cover.Open" | "Cover.Close" | "Cover.Stop" | "Cover.GoToPosition":
                changed = {
                    "Open": {"state": "opening"}, "Close": {"state": "closing"},
                    "Stop": {"state": "stopped"}, "GoToPosition": {
                        "current_pos": params.get("pos", 50), "state": "stopped"},
                }[verb]  # fmt: skip
                return None, self._change(key, changed)
        if verb == "GetStatus":
            return next(one["status"] for one in self.added if one["key"] == key), {}
        if verb == "Set":
            told = {name: value for name, value in params.items() if name not in ("id", "on")}
            if "on" in params:
                told["output"] = params["on"]
            was = self.status[key].get("output")
            return {"was_on": was}, self._change(key, told)
        return None, {}

    def _change(self, key: str, changed: dict[str, Any]) -> dict[str, Any]:
        self.status[key] |= changed
        return {key: {"id": self.status[key]["id"], **changed}}


@contextlib.asynccontextmanager
async def shelly_on(port: int, double: ShellyDouble) -> AsyncIterator[aiomqtt.Client]:
    """The double as a client of a real broker, with its last will, until the context ends."""
    online = f"{double.prefix}/online"
    will = aiomqtt.Will(online, "false", qos=1, retain=True)
    async with aiomqtt.Client("127.0.0.1", port, identifier=double.id, will=will) as client:
        await client.subscribe(f"{double.prefix}/rpc", qos=1)
        await client.publish(online, "true", qos=1, retain=True)

        async def answer() -> None:
            async for message in client.messages:
                payload = message.payload if isinstance(message.payload, bytes) else b""
                for topic, text in double.receive(payload.decode()):
                    await client.publish(topic, text, qos=1)

        answering = asyncio.create_task(answer())
        try:
            yield client
        finally:
            await end([answering])
            await client.publish(online, "false", qos=1, retain=True)
