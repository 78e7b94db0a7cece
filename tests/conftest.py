"""Brokers for the tests of several rooms; also makes this folder importable."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from brokers import Mosquitto

from assistant.home.mqtt.broker import EmbeddedBroker


@pytest.fixture
def make_mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Mosquitto]]:
    """Makes brokers, not started: `make_mosquitto(password="", lines=(), tls=(), …)`."""
    made: list[Mosquitto] = []

    def make(password: str = "", **more: Any) -> Mosquitto:
        made.append(Mosquitto(tmp_path_factory.mktemp("mosquitto"), password, **more))
        return made[-1]

    yield make
    for broker in made:
        broker.stop()


@pytest.fixture
def mosquitto(make_mosquitto: Callable[..., Mosquitto]) -> Mosquitto:
    """A running Mosquitto without a password."""
    broker = make_mosquitto()
    broker.start()
    return broker


@pytest.fixture
async def embedded_broker() -> AsyncIterator[EmbeddedBroker]:
    """The running embedded broker on a free port."""
    broker = EmbeddedBroker(0)
    await broker.start()
    yield broker
    await broker.stop()
