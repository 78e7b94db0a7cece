"""The home file while it is being edited, over a real broker."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from brokers import Traffic, eventually, traffic_on

from assistant.config import LanguageModelSettings, MqttSettings, Settings
from assistant.errors import HomeFileError
from assistant.events import Event, Stage, StageEvent
from assistant.home.file.reading import HomeFile
from assistant.home.file.watch import HomeFileWatch
from assistant.home.mqtt.broker import EmbeddedBroker
from assistant.household import Household
from assistant.types import Action, Request, Status

pytestmark = pytest.mark.household

HIFI = """
areas: [{id: lounge, name: Lounge, aliases: {de: Wohnzimmer}}]
devices:
  - id: hifi
    name: Stereo
    area: Wohnzimmer
    type: media_player
    mqtt:
      cmd_t: hifi/set
      stat_t: hifi/state
      payload_play: ON
      volume_command_topic: hifi/volume/set
      volume_state_topic: hifi/volume
  - {id: bulb, name: Reading light, names: {de: Leselampe}, area: lounge}
groups:
  - {id: evening, name: Evening things, members: [Reading light, plug]}
"""
FOUND = {
    "bulb": {"name": "0x17", "command_topic": "bulb/set", "state_topic": "bulb"},
    "plug": {"name": "Plug", "command_topic": "plug/set", "state_topic": "plug"},
}


class Notices:
    """What the user at the terminal is told."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def __call__(self, event: Event) -> None:
        if isinstance(event, StageEvent) and event.stage is Stage.NOTICE:
            self.said.append(event.text)


@pytest.fixture
async def traffic(embedded_broker: EmbeddedBroker) -> AsyncIterator[Traffic]:
    """A bulb in the parlour and a plug, announced, and an ear for what they are told."""
    async with traffic_on(embedded_broker.port) as traffic:
        for name, config in FOUND.items():
            document = {**config, "unique_id": name, "device": {"suggested_area": "Parlour"}}
            topic = f"homeassistant/{'light' if name == 'bulb' else 'switch'}/{name}/config"
            await traffic.client.publish(topic, json.dumps(document), qos=1, retain=True)
            traffic.answers[f"{name}/set", "ON"] = [(name, "ON")]
            traffic.answers[f"{name}/set", "OFF"] = [(name, "OFF")]
        traffic.answers["hifi/set", "ON"] = [("hifi/state", "playing")]
        traffic.answers["hifi/volume/set", "30"] = [("hifi/volume", "30")]
        yield traffic


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home.yaml"


@pytest.fixture
async def household(
    embedded_broker: EmbeddedBroker, traffic: Traffic, path: Path
) -> AsyncIterator[Household]:
    """An assistant in that home, whose file is not there yet."""
    settings = Settings(
        home=str(path), area="Loung",
        mqtt=MqttSettings(host="127.0.0.1", port=embedded_broker.port),
        llm=LanguageModelSettings(enabled=False),
    )  # fmt: skip
    household = Household(settings, scratch=True)
    await household.start()
    yield household
    await household.stop()


def write(path: Path, text: str) -> None:
    """As editors do: beside it, then in its place."""
    beside = path.with_suffix(".new")
    beside.write_text(text)
    beside.replace(path)


async def test_everything_follows_the_file_and_goes_back_to_what_was_found(
    household: Household, traffic: Traffic, path: Path
) -> None:
    home = household.home
    found, rooms = home.devices, home.areas
    assert found["bulb"].name == "0x17"
    write(path, HIFI)
    await eventually(lambda: "hifi" in home.devices)
    bulb = home.devices["bulb"]
    assert (bulb.names, bulb.area) == (("Reading light", "Leselampe"), "lounge")
    assert home.devices["plug"].area == "parlour"
    assert home.devices["evening"].members == ("bulb", "plug")
    turn = await household.ask(Request("turn on the reading light"))
    assert [result.status for result in turn.results] == [Status.CONFIRMED]
    assert home.state("evening")["power"] == "on"
    turn = await household.ask(Request("turn off the evening things"))
    assert [(result.action.device, result.status) for result in turn.results] == [
        ("bulb", Status.CONFIRMED), ("plug", Status.CONFIRMED),
    ]  # fmt: skip
    assert home.state("evening")["power"] == "off"
    write(path, "{}")
    await eventually(lambda: home.devices == found)
    assert home.areas == rooms
    path.unlink()
    write(path, HIFI)
    await eventually(lambda: "hifi" in home.devices)


async def test_a_media_player_by_hand_is_like_any_other(
    household: Household, traffic: Traffic, path: Path
) -> None:
    write(path, HIFI)
    await eventually(lambda: "hifi" in household.home.devices)
    actions = [
        Action("media_player.media_play", "hifi"),
        Action("media_player.volume_set", "hifi", {"volume_level": 0.3}),
    ]
    results = await household.bus.perform(actions)
    assert [result.status for result in results] == [Status.CONFIRMED] * 2
    assert traffic.on("hifi/set") == [("hifi/set", "ON")]
    assert household.home.state("hifi") == {"media": "playing", "volume_pct": 30}
    assert household.home.devices["hifi"].area == "lounge"
    write(path, HIFI.replace("hifi/set", "amp/set").replace("name: Stereo", "name: Amplifier"))
    await eventually(lambda: household.home.devices["hifi"].name == "Amplifier")
    assert household.home.state("hifi")["media"] == "playing"
    await household.bus.perform(actions[:1])
    assert traffic.on("amp/set") == [("amp/set", "ON")]


async def test_the_users_own_word_goes_before_an_announcement_of_the_same_device(
    household: Household, traffic: Traffic, path: Path
) -> None:
    by_hand = "{id: plug, type: switch, mqtt: {cmd_t: mine/set, stat_t: plug}}"
    write(path, f"devices: [{by_hand}]")
    on = [Action("switch.turn_on", "plug")]

    async def told(topic: str) -> bool:
        await household.bus.perform(on)
        return bool(traffic.on(topic))

    async with asyncio.timeout(5):
        while not await told("mine/set"):
            pass
    write(path, "")
    traffic.heard.clear()
    async with asyncio.timeout(5):
        while not await told("plug/set"):
            pass


async def test_a_wrong_file_leaves_the_home_as_it_was_and_is_told_once(
    household: Household, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    notices = Notices()
    household.observers.append(notices)
    write(path, HIFI)
    await eventually(lambda: "hifi" in household.home.devices)
    devices = household.home.devices
    notices.said.clear()
    with caplog.at_level(logging.WARNING, "assistant.household"):
        write(path, HIFI.replace("area: lounge", "area: longe"))
        await eventually(lambda: notices.said)
        path.touch()
        write(path, HIFI.replace("hifi/volume/set", "hifi/volume/put"))
        await eventually(lambda: len(notices.said) == 2)
    assert (
        'devices[bulb].area: "longe" is not described in this file; did you mean "lounge"?'
        in (notices.said[0])
    )
    assert "has changed" in notices.said[1]
    assert len(caplog.records) == 1
    assert household.home.devices == devices


async def test_a_member_that_is_not_there_is_told_with_the_nearest_name(
    household: Household, path: Path
) -> None:
    notices = Notices()
    household.observers.append(notices)
    write(path, "groups: [{id: g, name: Night, members: [plugg, bulb]}]")
    await eventually(lambda: len(notices.said) == 2)
    assert notices.said[0] == (
        'The group Night has a member "plugg", which is not there; did you mean "plug"?'
    )
    assert household.home.devices["g"].members == ("bulb",)


async def test_a_microphone_in_an_unknown_room_is_said_once_with_the_nearest_name(
    embedded_broker: EmbeddedBroker, traffic: Traffic
) -> None:
    notices = Notices()
    settings = Settings(
        area="Parlor",
        mqtt=MqttSettings(host="127.0.0.1", port=embedded_broker.port),
        llm=LanguageModelSettings(enabled=False),
    )
    household = Household(settings, scratch=True, observers=(notices,))
    await household.start()
    try:
        version = household.home.version
        await traffic.client.publish(
            "homeassistant/switch/more/config",
            json.dumps({"unique_id": "more", "name": "More", "command_topic": "more/set"}),
        )
        await eventually(lambda: household.home.version > version)
        await household.ask(Request("turn on the plug", area="Parlour"))
    finally:
        await household.stop()
    about = [text for text in notices.said if "Parlor" in text]
    assert about == [
        'There is no room "Parlor" in this home; did you mean "Parlour"? Correct the setting area.'
    ]


async def test_one_language_is_one_conversation_however_it_is_spelled(
    household: Household,
) -> None:
    talks = {id(household.conversation(language)) for language in ("de", "DE", "de_DE", "de-AT")}
    assert len(talks) == 1
    assert household.conversation("EN") is household.conversation()


async def test_a_file_that_is_being_written_is_waited_for(tmp_path: Path) -> None:
    read: list[HomeFile] = []
    told: list[str] = []
    path = tmp_path / "mine.yaml"
    path.write_text("devices: []")
    watch = HomeFileWatch(path, read.append, lambda sentence, level: told.append(sentence))
    await watch.load()
    for size in (5, 30, len(HIFI)):
        path.write_text(HIFI[:size])
        await watch.look()
    assert not read
    await watch.look()
    assert [device.id for device in read[0].devices] == ["hifi"]
    await watch.look()
    assert len(read) == 1
    path.unlink()
    for _ in range(3):
        await watch.look()
    assert len(read) == 1
    assert [sentence for sentence in told if "cannot be read: No such file" in sentence]
    path.write_text(HIFI)
    os.utime(path, ns=(1, 1))
    for _ in range(2):
        await watch.look()
    assert len(read) == 2


async def test_a_simulated_home_follows_its_file_but_needs_to_know_every_type(
    path: Path, tmp_path: Path
) -> None:
    path.write_text("devices: [{id: lamp, name: Lamp, type: light}]")
    notices = Notices()
    settings = Settings(mqtt=MqttSettings(port=1), llm=LanguageModelSettings(enabled=False))
    household = Household(settings, home_file=path, scratch=True, observers=(notices,))
    await household.start()
    try:
        write(path, "devices: [{id: lamp, name: Glow, type: light}, {id: fan, type: fan}]")
        await eventually(lambda: household.home.devices["lamp"].name == "Glow")
        turn = await household.ask(Request("turn on the glow"))
    finally:
        await household.stop()
    assert [result.status for result in turn.results] == [Status.CONFIRMED]
    assert "Devices that are new in a simulated home work after a restart." in notices.said
    path.write_text("devices: [{id: lamp, name: Lamp}]")
    with pytest.raises(HomeFileError, match=r'devices\[lamp\]: the key "type" is missing'):
        await Household(settings, home_file=path, scratch=True).start()
    missing = Settings(home=str(tmp_path / "mine.yaml"), mqtt=settings.mqtt, llm=settings.llm)
    with pytest.raises(HomeFileError, match=r"mine\.yaml cannot be read: No such file"):
        await Household(missing, scratch=True).start()
