"""What is said of a change waits for the disk, and what the disk refuses is said to be refused."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from slow_disks import SlowDisk
from talks import Talk

LIMIT_S = 10.0


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("talks.Database", SlowDisk)


@pytest.fixture
async def talk(disk: None, tmp_path: Path) -> Iterator[Talk]:
    """A conversation whose timers are kept by a slow disk, as in the running assistant."""
    talk = Talk(tmp_path / "assistant.db")
    talk.schedule._database.writer.start()
    yield talk
    disk_of(talk).let_go()
    disk_of(talk).close()


def disk_of(talk: Talk) -> SlowDisk:
    database = talk.schedule._database
    assert isinstance(database, SlowDisk)
    return database


@pytest.mark.parametrize(
    "said",
    ["set a timer for five minutes", "wake me at seven", "remind me to call mum in ten minutes",
     "add milk to the shopping list", "turn off the fan in half an hour",
     "when I say movie time, turn off the lamp"],
)  # fmt: skip
async def test_a_change_is_said_once_it_is_on_the_disk(talk: Talk, said: str) -> None:
    disk_of(talk).hold()
    turn = asyncio.create_task(talk.say(said))
    async with asyncio.timeout(LIMIT_S):
        while not disk_of(talk).writer.busy:
            await asyncio.sleep(0.01)
    assert not (await asyncio.wait([turn], timeout=0.1))[0]
    disk_of(talk).let_go()
    told = await asyncio.wait_for(turn, LIMIT_S)
    assert not told.failed


async def test_what_needs_no_disk_is_answered_meanwhile(talk: Talk) -> None:
    await talk.say("set a timer for five minutes")
    disk_of(talk).hold()
    setting = asyncio.create_task(talk.say("set a timer for one hour"))
    turn = await asyncio.wait_for(talk.say("turn on the lamp"), LIMIT_S)
    assert (turn.failed, setting.done()) == (False, False)
    disk_of(talk).let_go()
    await setting


async def test_that_the_disk_refuses_is_said_and_nothing_was_set(talk: Talk) -> None:
    disk_of(talk).refuse()
    for said in ("set a timer for five minutes", "add milk to the shopping list"):
        turn = await talk.say(said)
        assert turn.failed
        assert turn.reply == talk._conversation.replies.render("errors.store")
    assert (talk.schedule.timers(), talk.schedule.lists.items("shopping")) == ((), ())
    disk_of(talk).refuse(False)
    assert (await talk.say("undo that")).failed


async def test_a_list_that_the_disk_does_not_let_go_is_still_there(talk: Talk) -> None:
    await talk.say("add milk to the shopping list")
    assert (await talk.say("clear the shopping list")).question
    disk_of(talk).refuse()
    assert (await talk.say("yes")).failed
    assert [item.text for item in talk.schedule.lists.items("shopping")] == ["milk"]


async def test_a_door_is_not_locked_where_that_cannot_be_noted(talk: Talk) -> None:
    await talk.want("AssistantDelay", command="lock the front door", minutes=10)
    disk_of(talk).refuse()
    await talk.pass_time(601)
    assert talk.told == []
    assert "could not lock the front door" in talk.said[0]
