"""The running assistant as Home Assistant sees it, by a broker: its document, and all it offers.

The document is the device-based form of
https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload; here it is read by our
own reading of that form, in a second home that is on the same broker.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from brokers import Mosquitto, eventually, traffic_on
from exchange import COMMAND, Voice, command
from stages import Stage, on_stage

from assistant.rehearsal import silence
from assistant.voice.sounds import chime

pytestmark = [pytest.mark.engine, pytest.mark.broker]


@pytest.fixture
async def stage(mosquitto: Mosquitto, tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(mosquitto, tmp_path) as made:
        yield made


async def test_home_assistant_finds_one_device_and_commands_it(stage: Stage) -> None:
    await eventually(lambda: stage.shows("Mute microphone") == "off")
    await eventually(lambda: stage.shows("Volume") == 100)

    muted = await stage.do("switch.turn_on", "Mute microphone")
    assert muted.status == "confirmed"
    assert stage.assistant.daemon.muted

    softer = await stage.do("number.set_value", "Volume", value=30)
    assert softer.status == "confirmed"
    assert stage.assistant.daemon.mouth.speaker is not None
    assert stage.assistant.daemon.mouth.speaker.volume == 30

    await eventually(lambda: stage.shows("State") == "muted")
    await stage.do("switch.turn_off", "Mute microphone")
    await eventually(lambda: stage.shows("State") == "idle")


async def test_a_text_typed_in_home_assistant_is_a_request(stage: Stage) -> None:
    asked = await stage.do("text.set_value", "Ask", value="turn on the kitchen lights")
    assert asked.status == "sent"
    await eventually(lambda: stage.told("event"))
    await eventually(lambda: stage.shows("Last request") == "turn on the kitchen lights")
    assert stage.told("reply")[0]["conversation"] == "mqtt:homeassistant"
    assert stage.told("reply")[0]["actions"][0]["outcome"] == "confirmed"
    await eventually(lambda: stage.shows("Last reply") == stage.told("reply")[0]["reply"])
    assert [e["event_type"] for e in stage.told("event")] == ["done"]
    await stage.do("text.set_value", "Ask", value='say "ä" \\ {{ 1 }}')
    await eventually(lambda: stage.shows("Last request") == 'say "ä" \\ {{ 1 }}')


async def test_the_assistant_is_no_device_of_its_own_home(stage: Stage) -> None:
    names = {d.name for d in stage.assistant.household.home.devices.values()}
    assert names == {"Kitchen lights", "Front door"}


async def test_only_the_conversation_that_was_asked_can_say_yes(stage: Stage) -> None:
    asked = await stage.reply_to("ask", '{"text": "unlock the front door", "conversation": "one"}')
    assert asked["question"]
    assert asked["actions"][0]["outcome"] == "awaiting_confirmation"
    await eventually(lambda: stage.shows("State") == "asking")
    for other in ('{"text": "yes", "conversation": "two"}', "yes", '{"text": "yes"}'):
        assert (await stage.reply_to("ask", other))["actions"] == []
    answer = await stage.reply_to("ask", '{"text": "yes", "conversation": "one"}')
    assert [a["outcome"] for a in answer["actions"]] == ["confirmed"]
    await eventually(lambda: stage.shows("State") == "idle")


async def test_what_is_to_be_said_is_spoken_and_never_understood(stage: Stage) -> None:
    await stage.send("say", "unlock the front door")
    await eventually(lambda: stage.told("speech") == [{"text": "unlock the front door"}])
    await eventually(lambda: len(stage.assistant.sink.written) > 3, 20)
    await eventually(lambda: stage.shows("State") == "idle", 20)
    assert stage.told("reply") == []
    assert not stage.simulator.received


async def test_an_announcement_follows_a_chime_and_is_published(stage: Stage, voice: Voice) -> None:
    sink = stage.assistant.sink
    reply = await stage.reply_to("ask", "tell everyone: unlock the front door!")
    assert (reply["reply"], reply["announcement"]) == ("Announced.", "Unlock the front door.")
    await eventually(lambda: stage.told("speech") == [{"text": "Unlock the front door."}], 20)
    await eventually(lambda: stage.told("announcement"))
    assert stage.told("announcement") == [{"text": "Unlock the front door.", "language": "en"}]
    await eventually(lambda: stage.shows("State") == "idle", 20)
    played = np.concatenate([written.samples for written in sink.written])
    assert np.array_equal(played[: len(chime("announcement"))], chime("announcement"))

    sink.written.clear()
    await eventually(lambda: stage.assistant.daemon.hears, 20)
    asked = await command(stage.assistant, voice, "tell everyone that dinner is ready")
    assert asked.turn is not None
    assert asked.turn.announcement == "Dinner is ready."
    await eventually(lambda: {"text": "Dinner is ready."} in stage.told("speech"), 20)
    assert [told["text"] for told in stage.told("speech")] == [
        "Unlock the front door.", "Dinner is ready.",
    ]  # fmt: skip
    assert not stage.simulator.received


async def test_a_muted_microphone_is_closed_and_opens_again(stage: Stage, voice: Voice) -> None:
    daemon = stage.assistant.daemon
    await eventually(lambda: daemon.hears, 20)
    closed = stage.assistant.source
    assert closed is not None
    await stage.do("switch.turn_on", "Mute microphone")
    await eventually(lambda: not daemon.hears)
    closed.feed(voice("okay nabu"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(closed.drained(), 0.5)
    await stage.send("listen", "")  # a muted microphone stays closed

    await stage.do("switch.turn_off", "Mute microphone")
    await eventually(lambda: daemon.hears, 20)
    assert stage.assistant.source is not closed
    answer = await command(stage.assistant, voice, COMMAND)
    assert answer.confirmed
    await eventually(lambda: stage.told("reply"))
    assert [reply["conversation"] for reply in stage.told("reply")] == ["voice"]

    def states() -> list[str]:
        return [p for t, p in stage.traffic.heard if t == "assistant/state"]

    await eventually(lambda: states()[-1] == "idle")
    assert states()[-6:] == ["muted", "idle", "listening", "thinking", "speaking", "idle"]


async def test_timers_and_alarms_are_shown_and_a_ring_is_told_and_stopped(stage: Stage) -> None:
    await stage.reply_to("ask", "set a pizza timer for 1 hour")
    await stage.reply_to("ask", "set a timer for 2 hours")
    await eventually(lambda: stage.shows("Timers") == 2)
    (first, _) = stage.told("timers")[-1]["timers"]
    assert first["name"] == "pizza"
    await eventually(lambda: stage.shows("Next timer") == first["ends_at"])
    await stage.reply_to("ask", "cancel all timers")
    await eventually(lambda: stage.shows("Timers") == 0)

    await stage.reply_to("ask", "set an egg timer for 1 second")
    await eventually(lambda: stage.told("ring"))
    ring = stage.told("ring")[0]
    assert (ring["kind"], ring["name"], ring["everywhere"]) == ("timer", "egg", True)
    await eventually(lambda: stage.told("ringing")[-1] == {"count": 1, "rings": [ring]})
    await eventually(lambda: stage.told("speech"))
    await eventually(lambda: stage.shows("State") == "ringing", 20)
    await stage.do("button.press", "Stop")
    await eventually(lambda: stage.shows("State") == "idle")
    await eventually(lambda: stage.told("ringing")[-1] == {"count": 0, "rings": []})
    assert [e["event_type"] for e in stage.told("event")][-2:] == ["ring", "ring_ended"]


async def test_volume_acts_while_it_speaks(stage: Stage) -> None:
    long = "one two three four five six seven eight nine ten. " * 8
    sink = stage.assistant.sink
    await stage.send("say", long)
    await eventually(lambda: sink.written, 20)
    await stage.do("number.set_value", "Volume", value=0)
    silent_from = len(sink.written)
    await eventually(lambda: len(sink.written) > silent_from + 5, 20)
    assert any(np.any(w.samples) for w in sink.written[:silent_from])
    assert not any(np.any(w.samples) for w in sink.written[silent_from:])
    await stage.do("button.press", "Stop")


async def test_texts_to_say_are_said_one_after_the_other_and_stop_drops_them(stage: Stage) -> None:
    for text in ("first", "second"):
        await stage.send("say", text)
    await eventually(lambda: len(stage.told("speech")) == 2, 20)
    assert [s["text"] for s in stage.told("speech")] == ["first", "second"]
    for text in ("third " * 50, "fourth"):
        await stage.send("say", text)
    await eventually(lambda: len(stage.told("speech")) == 3, 20)
    await stage.send("stop", "")
    await eventually(lambda: stage.shows("State") == "idle", 20)
    await stage.send("say", "fifth")
    await eventually(lambda: len(stage.told("speech")) == 4, 20)
    assert stage.told("speech")[-1]["text"] == "fifth"


async def test_nonsense_and_floods_are_ignored(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    for topic, payload in [
        ("ask", b"\xff"),
        ("ask", b"{"),
        ("say", b""),
        ("mute/set", b"perhaps"),
        ("volume/set", b"loud"),
        ("volume/set", b"x" * 100_000),
    ]:
        await stage.send(topic, payload)
    for _ in range(40):
        await stage.send("ask", "turn on the kitchen lights")
    await stage.send("volume/set", "55")
    await eventually(lambda: stage.shows("Volume") == 55)
    assert len(caplog.records) < 12
    assert caplog.text.count("too many messages on assistant/ask") == 1
    await eventually(lambda: stage.told("reply"))
    assert len(stage.told("reply")) <= 6
    await stage.send("mute/set", "ON")
    await eventually(lambda: stage.shows("Mute microphone") == "on")


async def test_a_room_that_there_is_not_is_told_to_who_asked(stage: Stage) -> None:
    reply = await stage.reply_to("ask", '{"text": "lights on", "area": "moon"}')
    assert "moon" in reply["error"]
    assert reply["conversation"] == "mqtt"
    await eventually(lambda: stage.shows("State") == "idle")


async def test_home_assistant_that_comes_back_is_told_again(stage: Stage) -> None:
    def announcements() -> int:
        return sum("/device/assistant_" in topic for topic, _ in stage.traffic.heard)

    before = announcements()
    assert before
    await stage.traffic.client.publish("homeassistant/status", "online", qos=1)
    await eventually(lambda: announcements() == before + 1)


async def test_a_broker_that_forgot_everything_is_told_all_again(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    async with on_stage(mosquitto, tmp_path) as stage:
        await stage.do("number.set_value", "Volume", value=20)
        household = stage.assistant.household
        mosquitto.restart()
        await eventually(lambda: not household.bus.connected, 20)
        await eventually(lambda: household.bus.connected, 20)
        async with traffic_on(mosquitto.port) as later:
            kept = {"assistant/volume": "20", "assistant/state": "idle", "assistant/mute": "OFF"}
            await eventually(lambda: kept.items() <= dict(later.heard).items(), 20)
            assert any("/device/assistant_" in topic for topic, _ in later.heard)


async def test_commands_that_the_broker_kept_are_not_obeyed(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    async with traffic_on(mosquitto.port) as before:
        for topic, payload in (("mute/set", "ON"), ("ask", "turn on the lights"), ("say", "boo")):
            await before.client.publish(f"assistant/{topic}", payload, qos=1, retain=True)
    async with on_stage(mosquitto, tmp_path) as stage:
        await stage.reply_to("ask", "what time is it")
        assert len(stage.told("reply")) == 1
        assert stage.told("speech") == []
        assert not stage.assistant.daemon.muted


async def test_without_words_nothing_that_was_said_is_published(
    mosquitto: Mosquitto, tmp_path: Path, voice: Voice
) -> None:
    async with on_stage(mosquitto, tmp_path, share_words=False) as stage:
        assert not any("Last" in d.name for d in stage.home.devices.values())
        answer = await command(stage.assistant, voice, COMMAND)
        assert answer.confirmed
        await eventually(lambda: stage.told("event"))
        assert stage.told("event") == [{"event_type": "done", "conversation": "voice"}]
        await stage.reply_to("ask", "set a pizza timer for 1 second")
        await eventually(lambda: stage.told("ring"))
        assert (stage.told("ring")[0]["name"], stage.told("ring")[0]["text"]) == ("", "")
        await stage.send("stop", "")
        for topic, payload in stage.traffic.on("assistant/"):
            assert "kitchen" not in payload.lower(), topic
            of_the_asker = topic in ("assistant/ask", "assistant/reply", "assistant/event")
            assert "pizza" not in payload or of_the_asker
        assert stage.told("request") == stage.told("speech") == []


async def test_a_scratch_assistant_leaves_nothing_behind(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    async with on_stage(mosquitto, tmp_path):
        pass
    async with traffic_on(mosquitto.port) as later:
        await later.client.publish("over", "", qos=1)
        await eventually(lambda: later.heard and later.heard[-1][0] == "over")
        left = {t for t, _ in later.heard if t.startswith("assistant/") or "/assistant_" in t}
        assert left <= {"assistant/status"}


async def test_who_is_listened_to_is_not_spoken_over(stage: Stage) -> None:
    await eventually(lambda: stage.assistant.daemon.hears, 20)
    await stage.do("button.press", "Listen")
    await eventually(lambda: stage.shows("State") == "listening")
    await stage.send("say", "dinner is ready")
    await stage.reply_to("ask", "what time is it")  # by now it would have been said
    assert stage.told("speech") == []
    await stage.assistant.feed(silence(6.0))
    await eventually(lambda: stage.told("speech") == [{"text": "dinner is ready"}], 20)


async def test_muting_ends_what_is_being_listened_to(stage: Stage) -> None:
    await eventually(lambda: stage.assistant.daemon.hears, 20)
    await stage.do("button.press", "Listen")
    await eventually(lambda: stage.shows("State") == "listening")
    await stage.do("switch.turn_on", "Mute microphone")
    await eventually(lambda: stage.shows("State") == "muted")
    await stage.send("say", "dinner is ready")
    await eventually(lambda: stage.told("speech") == [{"text": "dinner is ready"}], 20)
