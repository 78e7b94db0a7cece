"""Shelly devices of the second generation and later, seen from their own side.

https://shelly-api-docs.shelly.cloud/gen2/ComponentsAndServices/Mqtt and …/General/RPCProtocol:
retained `<id>/online`; requests on `<id>/rpc`, answered on `<src>/rpc`; notifications on
`<id>/events/rpc`; plain words on `<id>/command/<component>`.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Collection, Iterable, Sequence

from assistant.home.simulator.behaviour import NonsenseError, Wish
from assistant.home.simulator.shelly_forms import FORMS, Form
from assistant.home.simulator.station import Heard, Said
from assistant.home.simulator.thing import Thing
from assistant.home.simulator.troubles import spoiled
from assistant.home.simulator.wire import Document, document_in

_BAD_ARGUMENT = -103
_NO_METHOD = 404
"""Error codes of the RPC protocol."""

Tell = Callable[[Thing, Form, Document], Document]
"""What a question's parameters are answered with."""


class ShellyStation:
    """One or more devices; alone, it has the will that a Shelly has."""

    reports = False

    def __init__(self, things: Sequence[Thing]) -> None:
        self.things = tuple(things)
        self._forms = {thing.device.id: FORMS[thing.device.type](thing.device) for thing in things}
        for thing in self.things:
            app = self._forms[thing.device.id].app
            thing.known_as = f"shelly{app.lower()}-{thing.address.lower()}"
        self._by_id = {thing.known_as: thing for thing in self.things}
        alone = len(self.things) == 1
        self.will = self._online(self.things[0], online=False) if alone else None
        self.filters = tuple(
            topic for name in self._by_id for topic in (f"{name}/rpc", f"{name}/command/+")
        )

    def greeting(self) -> Iterable[Said]:
        """That they are there; what they are, they only tell when asked."""
        for thing in self.things:
            yield from self.presence(thing)

    def hear(self, topic: str, payload: str) -> Sequence[Heard]:
        """A request, or a plain word. Raises `NonsenseError` for what gets no answer at all."""
        name, _, rest = topic.partition("/")
        thing = self._by_id[name]
        form = self._forms[thing.device.id]
        if rest != "rpc":
            if rest.removeprefix("command/") != form.key or payload not in form.words:
                raise NonsenseError(f"no {rest} takes {payload[:40]!r}")
            return (Heard(thing, (form.words[payload],)),)
        frame = document_in(payload)
        if not isinstance(frame.get("src"), str) or not isinstance(frame.get("method"), str):
            raise NonsenseError("a request has src and method")
        params = frame.get("params") or {}
        method = _known(frame["method"], (*form.calls, *_QUESTIONS))
        told = _QUESTIONS.get(method) or _own_question(form, method)
        if told is not None:
            asked = params if isinstance(params, dict) else {}
            return (
                Heard(thing, reply=lambda _: self._result(thing, frame, told(thing, form, asked))),
            )
        call = form.calls.get(method)
        if call is None:
            missing = (_NO_METHOD, f"No handler for {frame['method']}")
            return (Heard(thing, reply=lambda _: self._error(thing, frame, *missing)),)
        wishes: tuple[Wish, ...] | None = None
        if isinstance(params, dict) and params.get("id", 0) == form.number:
            try:
                wishes = call(params, thing.state)
            except NonsenseError as error:
                refusal = str(error)
        else:
            refusal = f"Argument 'id', value {params!r:.40} not found!"
        if wishes is None:
            wrong = (_BAD_ARGUMENT, refusal)
            return (Heard(thing, reply=lambda _: self._error(thing, frame, *wrong)),)
        was_on = thing.state.get("power") == "on"
        told_back = {"was_on": was_on} if "power" in thing.state else None

        def reply(understood: bool) -> Sequence[Said]:
            if understood:
                return self._result(thing, frame, told_back)
            return self._error(thing, frame, _BAD_ARGUMENT, "Invalid argument")

        return (Heard(thing, wishes, reply),)

    def _result(self, thing: Thing, frame: Document, result: object) -> Sequence[Said]:
        return self._answer(thing, frame, {"result": result})

    def _error(self, thing: Thing, frame: Document, code: int, message: str) -> Sequence[Said]:
        return self._answer(thing, frame, {"error": {"code": code, "message": message}})

    def _answer(self, thing: Thing, frame: Document, what: Document) -> Sequence[Said]:
        body = {"id": frame.get("id"), "src": thing.known_as, "dst": frame["src"], **what}
        return (Said(f"{frame['src']}/rpc", json.dumps(body)),)

    def show(self, thing: Thing, changed: Collection[str]) -> Sequence[Said]:
        """NotifyStatus, or NotifyEvent for a push."""
        form = self._forms[thing.device.id]
        now = round(time.time(), 2)
        params: Document = {"ts": now}
        if form.pushes:
            if "event" not in changed:
                return ()
            what = {"component": form.key, "id": form.number, "event": thing.state.get("event")}
            params["events"] = [{**what, "ts": now}]
        else:
            params[form.key] = form.status(thing.state)
        body = {
            "src": thing.known_as,
            "dst": f"{thing.known_as}/events",
            "method": "NotifyEvent" if form.pushes else "NotifyStatus",
            "params": params,
        }
        return (Said(f"{thing.known_as}/events/rpc", json.dumps(body)),)

    def presence(self, thing: Thing) -> Sequence[Said]:
        """`true` or `false` on `<id>/online`."""
        return (self._online(thing, online=thing.online),)

    def _online(self, thing: Thing, *, online: bool) -> Said:
        return Said(f"{thing.known_as}/online", "true" if online else "false", retain=True)

    def farewell(self) -> Sequence[Said]:
        """None is online."""
        return tuple(self._online(thing, online=False) for thing in self.things)

    def nonsense(self, fate: random.Random, count: int) -> Sequence[Said]:
        """Devices that say they are there, and then talk nonsense or nothing."""
        said = []
        for index in range(count):
            thing, name = fate.choice(self.things), f"shellyplus1-{0xBAD000 + index:012x}"
            told = json.dumps(_device_info(thing, self._forms[thing.device.id], {}))
            said.append(Said(f"{name}/online", fate.choice(("true", "perhaps", "")), True))
            said.append(Said(f"{name}/events/rpc", spoiled(fate, told)))
        return said


def _known(method: str, methods: Collection[str]) -> str:
    """Methods are understood in any case."""
    return next((known for known in methods if known.casefold() == method.casefold()), method)


def _mac(thing: Thing) -> str:
    return thing.address


def _device_info(thing: Thing, form: Form, params: Document) -> Document:
    return {
        "name": thing.device.name, "id": thing.known_as, "mac": _mac(thing), "slot": 0,
        "model": form.model, "gen": 2, "fw_id": "20250101-000000/1.5.0-gsimulated", "ver": "1.5.0",
        "app": form.app, "auth_en": False, "auth_domain": None,
    }  # fmt: skip


def _component_config(thing: Thing, form: Form) -> Document:
    return {"id": form.number, "name": thing.device.name, **form.config}


def _config(thing: Thing, form: Form, params: Document) -> Document:
    document: Document = {
        "ble": {"enable": False},
        "bthome": {},
        "cloud": {"enable": False, "server": None},
        "mqtt": {
            "enable": True, "server": "broker:1883", "client_id": thing.known_as, "user": None,
            "topic_prefix": thing.known_as, "rpc_ntf": True, "status_ntf": False,
            "enable_rpc": True, "enable_control": True,
        },
        "sys": {
            "device": {
                "name": thing.device.name, "mac": _mac(thing), "fw_id": "20250101-000000/1.5.0",
                "discoverable": True, "eco_mode": False,
            },
            "location": {"tz": "Europe/Berlin"}, "cfg_rev": 10,
        },
        "wifi": {"sta": {"ssid": "home", "enable": True}},
    }  # fmt: skip
    if not form.dynamic:
        document[form.key] = _component_config(thing, form)
    return document


def _status(thing: Thing, form: Form, params: Document) -> Document:
    document: Document = {
        "cloud": {"connected": False},
        "mqtt": {"connected": True},
        "sys": {"mac": _mac(thing), "restart_required": False, "uptime": 600, "cfg_rev": 10},
        "wifi": {"sta_ip": "192.168.0.2", "status": "got ip", "ssid": "home", "rssi": -60},
    }
    if not form.dynamic:
        document[form.key] = form.status(thing.state)
    return document


def _components(thing: Thing, form: Form, params: Document) -> Document:
    config, status = _component_config(thing, form), form.status(thing.state)
    component = {"key": form.key, "status": status, "config": config}
    offset = params.get("offset") or 0
    wanted = form.dynamic or not params.get("dynamic_only")
    components = [component] if wanted else []
    return {
        "components": components[:1] if offset == 0 else [],
        "cfg_rev": 10, "offset": offset, "total": len(components),
    }  # fmt: skip


def _own_question(form: Form, method: str) -> Tell | None:
    """`Switch.GetStatus` and the like, of the component that the device has."""
    kind, _, asked = method.casefold().partition(".")
    if kind != form.key.partition(":")[0]:
        return None
    answers: dict[str, Tell] = {
        "getstatus": lambda thing, form, params: form.status(thing.state),
        "getconfig": lambda thing, form, params: _component_config(thing, form),
    }
    return answers.get(asked)


_QUESTIONS: dict[str, Tell] = {
    "Shelly.GetDeviceInfo": _device_info,
    "Shelly.GetConfig": _config,
    "Shelly.GetStatus": _status,
    "Shelly.GetComponents": _components,
}
