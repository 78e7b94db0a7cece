"""TLS, client certificates, passwords and websockets, on a real Mosquitto."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from brokers import Mosquitto, eventually
from buses import connected
from certificates import Authority, served

from assistant.config import MqttSettings

pytestmark = pytest.mark.broker


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.mark.parametrize("protocol", ["auto", "5", "3.1.1"])
@pytest.mark.parametrize("transport", ["tcp", "websockets"])
@pytest.mark.parametrize("tls", [False, True])
async def test_it_hears_what_it_says_over_every_transport(
    protocol: str,
    transport: str,
    tls: bool,
    authority: Authority,
    make_mosquitto: Callable[..., Mosquitto],
) -> None:
    listener = served(authority.issue("broker")) if tls else ()
    broker = make_mosquitto("secret", tls=listener, websockets=transport == "websockets")
    broker.start()
    heard: list[bytes] = []
    more: dict[str, Any] = {"protocol": protocol, "transport": transport, "tls": tls}
    more |= {"username": "home", "password": "secret"}
    if tls:
        more["ca"] = str(authority.ca)
    async with connected(broker.port, **more) as (bus, _):
        assert (bus.connected, bus.fault) == (True, "")
        bus.subscribe("a/b", lambda topic, payload: heard.append(payload))
        long = "long " * 2_000
        while len(heard) < 2:
            await bus.publish("a/b", "short")
            await bus.publish("a/b", long)
        assert {b"short", long.encode()} == set(heard)


async def test_a_client_certificate_opens_what_is_closed_without_it(
    authority: Authority, make_mosquitto: Callable[..., Mosquitto], tmp_path: Path
) -> None:
    broker = make_mosquitto(tls=served(authority.issue("broker"), clients=authority.ca))
    broker.start()
    certificate, key = authority.issue("client")
    own = {"certificate": str(certificate), "key": str(key)}
    foreign = Authority(tmp_path, "another").issue("foreigner")
    trusted = {"tls": True, "ca": str(authority.ca)}
    async with connected(broker.port, **trusted, **own) as (bus, _):
        assert bus.connected
    together = tmp_path / "together.pem"
    together.write_text(certificate.read_text() + key.read_text())
    async with connected(broker.port, **trusted, certificate=str(together)) as (bus, _):
        assert bus.connected
    for wrong in ({}, {"certificate": str(foreign[0]), "key": str(foreign[1])}):
        async with connected(broker.port, **trusted, **wrong) as (bus, _):
            await eventually(lambda bus=bus: bus.fault, 8)
            assert not bus.connected
            assert "it may want (another) mqtt.certificate" in bus.fault


CERTIFICATES = [
    ("IP:127.0.0.1", 2, "another", "that was not signed by"),
    ("IP:127.0.0.1", -1, "own", "that has expired; renew it on the broker"),
    ("DNS:elsewhere.example", 2, "own", "made out for another name than 127.0.0.1"),
]


@pytest.mark.parametrize(("host", "days", "ca", "fault"), CERTIFICATES)
async def test_a_certificate_that_cannot_be_trusted_is_said_plainly(
    host: str, days: int, ca: str, fault: str, authority: Authority, tmp_path: Path,
    make_mosquitto: Callable[..., Mosquitto],
) -> None:  # fmt: skip
    broker = make_mosquitto(tls=served(authority.issue("special", host, days)))
    broker.start()
    known = authority.ca if ca == "own" else Authority(tmp_path, "another").ca
    for insecure in (False, True):
        more = {"tls": True, "ca": str(known), "tls_insecure": insecure}
        async with connected(broker.port, **more) as (bus, _):
            if insecure and host.startswith("DNS"):
                assert bus.connected
            else:
                assert not bus.connected
                assert fault in bus.fault


async def test_tls_where_the_broker_speaks_none_is_said(mosquitto: Mosquitto) -> None:
    async with connected(mosquitto.port, tls=True) as (bus, _):
        await eventually(lambda: bus.fault)
        assert re.search("(hangs up on|does not speak) TLS.*; check mqtt.port", bus.fault)


FILES = [
    ({"ca": "missing.pem"}, r"mqtt\.ca: there is no file .*missing\.pem; correct the path"),
    ({"ca": "nonsense"}, r"mqtt\.ca: .*nonsense holds no certificate"),
    ({"certificate": "nonsense"}, "there must be a certificate in it and its key in"),
    ({"certificate": "one.pem", "key": "two.key"}, "the key in .*two.key does not belong to it"),
    ({"key": "one.key"}, r"mqtt\.key is set, but mqtt\.certificate is not"),
    ({"ca": "one.pem", "tls": False}, r"mqtt\.ca is set, but mqtt\.tls is not"),
]


@pytest.mark.parametrize(("files", "fault"), FILES)
async def test_a_wrong_file_is_one_helpful_sentence(
    files: dict[str, Any], fault: str, mosquitto: Mosquitto, tmp_path: Path
) -> None:
    signer = Authority(tmp_path)
    signer.issue("one")
    signer.issue("two")
    (tmp_path / "nonsense").write_text("nonsense")
    more = {k: v if isinstance(v, bool) else str(tmp_path / v) for k, v in files.items()}
    async with connected(mosquitto.port, **{"tls": True, **more}) as (bus, _):
        assert not bus.connected
        assert re.search(fault, bus.fault), bus.fault


@pytest.mark.parametrize(
    ("given", "port"),
    [
        ({}, 1883),
        ({"tls": True}, 8883),
        ({"transport": "websockets"}, 80),
        ({"transport": "websockets", "tls": True}, 443),
        ({"tls": True, "port": 1884}, 1884),
    ],
)
def test_the_port_is_the_usual_one_unless_set(given: dict[str, Any], port: int) -> None:
    assert MqttSettings(**given).port == port
