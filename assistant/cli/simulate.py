"""`assistant simulate`: a home of simulated devices on a broker, until Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.config import MqttSettings, Settings
from assistant.errors import ConfigError, HomeFileError

if TYPE_CHECKING:
    from assistant.home.file.reading import HomeFile
    from assistant.home.simulator import Happening, Simulator

_LONGEST_MS, _LONGEST_S = 600_000, 3600
_LISTED = 40
"""A larger home is counted, not listed."""

_EPILOG = """examples:
  assistant simulate                                   the demo home
  assistant simulate my-home.yaml --dialect zigbee2mqtt
  assistant simulate --devices 100 --dialect tasmota --loss 0.05 --latency 200
  assistant simulate --devices 1000 --host 192.168.0.2 --dropout 0.02 --seed 7

Chances are from 0 to 1. The same home, options and seed give the same mishaps. Locks and alarm
panels that want a code take 1234. What a dialect has no words for (a lock in Tasmota) is told at
the start and announced in Home Assistant's form. More in docs/simulator.md."""


def register(parser: argparse.ArgumentParser) -> None:
    """Describe the command."""
    parser.description = (
        "Let a home of simulated devices live on an MQTT broker: they announce "
        "themselves, obey commands and show their state, like real ones. Ctrl-C ends it."
    )
    parser.epilog = _EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    home = parser.add_mutually_exclusive_group()
    home.add_argument(
        "home", nargs="?", type=Path, metavar="HOME.yaml",
        help="the home file that describes the devices; none: the demo home",
    )  # fmt: skip
    home.add_argument(
        "--devices", type=int, metavar="N", help="make up a home of N varied devices instead"
    )
    parser.add_argument(
        "--dialect",
        choices=("homeassistant", "homeassistant-device", "zigbee2mqtt", "tasmota", "shelly"),
        default="homeassistant",
        help="how they announce themselves (default: homeassistant)",
    )
    broker = parser.add_argument_group("broker (without --host the configured one, else its own)")
    broker.add_argument("--host", help="name or address of the broker")
    broker.add_argument("--port", type=int, help="its port, or that of the broker to start")
    broker.add_argument("--username", help="user name, if the broker asks for one")
    broker.add_argument("--password", help="password, if the broker asks for one")
    trouble = parser.add_argument_group("what goes wrong")
    trouble.add_argument(
        "--latency", type=float, default=30.0, metavar="MS", help="until they answer (default: 30)"
    )
    trouble.add_argument(
        "--travel", type=float, default=8.0, metavar="S",
        help="that a cover takes from end to end, and a robot for its way home (default: 8)",
    )  # fmt: skip
    trouble.add_argument(
        "--loss", type=float, default=0.0, metavar="P", help="chance that a command is swallowed"
    )
    trouble.add_argument(
        "--dropout", type=float, default=0.0, metavar="P",
        help="share of the time that each device is away",
    )  # fmt: skip
    trouble.add_argument(
        "--rubbish", type=float, default=0.0, metavar="P",
        help="chance of a nonsensical answer; as many nonsensical announcements",
    )  # fmt: skip
    trouble.add_argument("--seed", type=int, default=0, help="of chance, and of --devices")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Simulate until interrupted; 0. Raises `ConfigError` for what makes no sense."""
    _check(args)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_simulate(args, settings.mqtt))
    return 0


def _check(args: argparse.Namespace) -> None:
    lowest = 1 if args.host else 0
    for name, value, low, high, unit in (
        ("latency", args.latency, 0, _LONGEST_MS, " ms"),
        ("travel", args.travel, 0, _LONGEST_S, " s"),
        ("port", args.port, lowest, 65535, ""),
    ):
        if value is not None and not low <= value <= high:
            raise ConfigError(f"--{name} {value:g}: expected {low} to {high}{unit}.")


async def _simulate(args: argparse.Namespace, mqtt: MqttSettings) -> None:
    from assistant.home.simulator import Simulator, Troubles

    home = await asyncio.to_thread(_home, args)
    if home.partial:
        print(f"Left out, for their type is not written down: {', '.join(home.partial)}.")
    if not home.devices:
        raise HomeFileError(f"{args.home}: no device with a type, so there is nothing to simulate.")
    troubles = Troubles(
        loss=args.loss, dropout=args.dropout, rubbish=args.rubbish, seed=args.seed
    )  # fmt: skip
    async with _broker(args, mqtt) as broker:
        simulator = Simulator(
            home,
            broker,
            dialect=args.dialect,
            latency_s=args.latency / 1000,
            travel_s=args.travel,
            arming_s=args.travel,
            troubles=troubles,
            watch=_show,
        )
        began = time.monotonic()
        await simulator.start()
        try:
            _introduce(simulator, args.dialect, time.monotonic() - began)
            await _interrupted()
        finally:
            await simulator.stop()
    print("\nAll devices have said goodbye.")


def _home(args: argparse.Namespace) -> HomeFile:
    from assistant.home.dwelling import DEMO_HOME
    from assistant.home.file.reading import load_home

    if args.devices is not None:
        from assistant.home.simulator.generated import generated_home

        return generated_home(args.devices, args.seed)
    return load_home(args.home or DEMO_HOME)


@contextlib.asynccontextmanager
async def _broker(args: argparse.Namespace, mqtt: MqttSettings) -> AsyncIterator[MqttSettings]:
    """How to reach the broker asked for, the configured one, or one started here."""
    given = {
        name: getattr(args, name)
        for name in ("host", "port", "username", "password")
        if getattr(args, name) is not None
    }
    if args.host or mqtt.host:
        broker = (MqttSettings() if args.host else mqtt).model_copy(update=given)
        print(f"Broker: {broker.host}:{broker.port}")
        yield broker
        return
    from assistant.home.mqtt.broker import EmbeddedBroker

    own = EmbeddedBroker(args.port if args.port is not None else mqtt.port)
    port = await own.start()
    print(f"Broker: 127.0.0.1:{port}, started for this home; nobody outside this machine hears it.")
    try:
        yield mqtt.on_loopback(port)
    finally:
        await own.stop()


def _introduce(simulator: Simulator, dialect: str, took_s: float) -> None:
    """Print what was announced, and what in another form."""
    things = simulator.things.values()
    if len(simulator.things) <= _LISTED:
        width = max((len(thing.device.name) for thing in things), default=0)
        for thing in things:
            other = " (in Home Assistant's form)" if thing.device.id in simulator.unspoken else ""
            print(f"  {thing.device.name:{width}}  {thing.device.type:20} {thing.known_as}{other}")
    else:
        kinds = Counter(thing.device.type for thing in things)
        for kind, count in kinds.most_common():
            print(f"  {count:5} {kind}")
    reasons = Counter(simulator.unspoken.values()).most_common()
    if reasons:
        lacking = "; ".join(f"{reason} ({count})" for reason, count in reasons)
        print(f"{dialect} has no {lacking}. These are announced in Home Assistant's form.")
    print(f"{len(things)} devices announced in {took_s:.1f} s. Ctrl-C ends it.", flush=True)


def _show(happening: Happening) -> None:
    """One line for what just happened; answers to mere questions would drown the rest."""
    if happening.what == "answered":
        return
    name = happening.device.name
    if happening.topic:
        payload = happening.payload if len(happening.payload) <= 120 else "…"
        line = f"{name}: {happening.what} ← {happening.topic} {payload}"
    else:
        line = f"{name} {happening.what}"
    printable = "".join(c if c.isprintable() else "�" for c in line)
    print(f"{time.strftime('%H:%M:%S')} {printable}", flush=True)


async def _interrupted() -> None:
    """Wait for Ctrl-C or a request to end."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked.set)
    await asked.wait()
