"""The home that is lived in: behind the configured broker, or simulated from a home file."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Callable
from pathlib import Path

from assistant.config import MqttSettings
from assistant.errors import HomeFileError
from assistant.home.file.entries import nearest
from assistant.home.file.reading import HomeFile, load_home
from assistant.home.file.watch import HomeFileWatch
from assistant.home.model import Home
from assistant.home.mqtt.broker import EmbeddedBroker
from assistant.home.mqtt.bus import MqttBus
from assistant.home.mqtt.own import announces_an_assistant
from assistant.home.simulator import Simulator
from assistant.home.written import Written
from assistant.ports import Clock

DEMO_HOME = Path(__file__).parent / "demo.yaml"
"""The home that a broker-less assistant simulates."""

_DISCOVERY_LIMIT_S = 5.0
_QUIET_S = 0.3
_FEW = 3000
"""Among more names than these none is looked for that is spelt alike: it would take too long."""


class Dwelling:
    """Connects a `Home` to its devices, and keeps it in step with the user's file.

    With `simulate` the home of that file is simulated on an embedded broker. Else the broker of
    `mqtt` is used; without one, `file` is simulated if it describes devices, else the demo home.
    What `file` says is followed while it changes. `tell` gets what the user should know.
    """

    def __init__(
        self,
        home: Home,
        mqtt: MqttSettings,
        *,
        file: Path | None,
        simulate: Path | None,
        clock: Clock,
        tell: Callable[[str, int], None],
    ) -> None:
        self.home = home
        self.simulated = simulate is not None or not mqtt.host
        """Whether the devices are simulated ones on an embedded broker."""
        self.on_routines: Callable[[], None] = _nobody
        """Called when the routines of the file have changed."""
        self.simulator: Simulator | None = None
        """The simulated devices; None in a real home."""
        self.bus = self._new_bus(mqtt, guest=True)
        self._mqtt = mqtt
        self._whole = simulate is not None
        self._clock = clock
        self._tell = tell
        path = simulate or file
        self._watch = HomeFileWatch(path, self._changed, tell) if path else None
        self._file = HomeFile()
        self._below = Written()
        """What the demo home's own file says."""
        self._broker: EmbeddedBroker | None = None
        self._following: asyncio.Task[None] | None = None

    @property
    def broker_port(self) -> int | None:
        """The embedded broker's port on loopback; None where a configured broker is used."""
        return self._broker.port if self._broker is not None else None

    @property
    def file(self) -> HomeFile:
        """What the home file says now."""
        return self._file

    @property
    def path(self) -> Path | None:
        """The home file that is followed."""
        return self._watch.path if self._watch is not None else None

    async def start(self, *, dry: bool = False, guest: bool = False) -> str:
        """Read the file, connect, wait for the devices; returns the file's language, if it has one.

        `dry` connects to nothing where devices would be simulated; a `guest` does not say on the
        broker that the assistant is there. Raises `HomeFileError` for a
        wrong file, `BrokerError` where the embedded broker cannot be started; a configured one
        that is absent is waited for in the background.
        """
        self._file = await self._watch.load() if self._watch else HomeFile()
        simulated = await self._simulated_file() if self.simulated else None
        if not (dry and self.simulated):
            await self._connect(simulated, guest=guest)
        self.home.write(self._file.written().over(self._below))
        self._look_for_members()
        if self._watch is not None:
            self._following = asyncio.create_task(self._watch.follow(), name="home file")
        return self._file.language

    async def stop(self) -> None:
        """Disconnect; the simulated devices and their broker end."""
        if self._following is not None:
            self._following.cancel()
        await self.bus.stop()
        if self.simulator is not None:
            await self.simulator.stop()
        if self._broker is not None:
            await self._broker.stop()

    async def _simulated_file(self) -> HomeFile:
        if self._whole or self._file.devices:
            if self._whole and self._file.partial and self._watch is not None:
                raise HomeFileError(
                    f'{self._watch.path}: devices[{self._file.partial[0]}]: the key "type" is '
                    "missing, without which a device cannot be simulated."
                )
            return self._file
        demo = await asyncio.to_thread(load_home, DEMO_HOME)
        self._below = demo.written()
        return demo

    async def _connect(self, simulated: HomeFile | None, *, guest: bool) -> None:
        mqtt = self._mqtt
        if simulated is not None:
            self._broker = EmbeddedBroker(mqtt.port)
            mqtt = mqtt.on_loopback(await self._broker.start())
            self.simulator = Simulator(simulated, mqtt)
            await self.simulator.start()
        written = self._file.written().over(self._below)
        self.home.write(dataclasses.replace(written, devices=()))
        self.bus = self._new_bus(mqtt, guest=guest)
        if simulated is None:
            self.bus.bind(self._file.by_hand)
        await self.bus.start()
        await self._discovered(len(simulated.devices) if simulated else 0)

    def _changed(self, home_file: HomeFile) -> None:
        before, self._file = self._file, home_file
        self.home.write(home_file.written().over(self._below))
        self._look_for_members()
        if home_file.routines != before.routines:
            self.on_routines()
        if not self.simulated and home_file.by_hand_source != before.by_hand_source:
            self.bus.bind(home_file.by_hand)
        if self.simulated and home_file.devices != before.devices:
            self._tell(
                "Devices that are new in a simulated home work after a restart.", logging.INFO
            )

    def _look_for_members(self) -> None:
        """Say which members of groups are not there: they may come yet, or be misspelt."""
        devices = self.home.devices.values()
        names = [name for device in devices for name in (device.id, *device.names)]
        known = {*map(str.casefold, names)}
        for group in self._file.groups:
            for member in group.members:
                if member.casefold() not in known:
                    near = nearest(member, names) if len(names) < _FEW else ""
                    hint = f"; {near}" if near.endswith("?") else ", or not yet."
                    self._tell(
                        f'The group {group.name} has a member "{member}", which is not there{hint}',
                        logging.INFO,
                    )

    def _new_bus(self, mqtt: MqttSettings, *, guest: bool) -> MqttBus:
        return MqttBus(mqtt, self.home, ignored=announces_an_assistant, guest=guest)

    async def _discovered(self, expected: int) -> None:
        """Wait until `expected` devices are there and announcements stop coming in."""
        deadline = self._clock.monotonic() + _DISCOVERY_LIMIT_S
        seen, quiet_since = -1, self._clock.monotonic()
        while (now := self._clock.monotonic()) < deadline:
            if self.home.version != seen:
                seen, quiet_since = self.home.version, now
            if len(self.home.devices) >= expected and now - quiet_since >= _QUIET_S:
                return
            await asyncio.sleep(0.02)


def _nobody() -> None:
    """Nobody wants to know."""
