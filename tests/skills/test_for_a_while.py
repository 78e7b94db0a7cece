"""What is done "for two hours", and what a command for later may and may not do when it is due."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from manual_clock import ManualClock
from talks import WEDNESDAY, Talk

from assistant.errors import StoreError
from assistant.schedule.commands import Command
from assistant.types import Action


class CutOff(BaseException):
    """The end of the process, as far as one test can bring it about."""


@pytest.fixture
def talk() -> Talk:
    return Talk()


@pytest.mark.parametrize(
    ("said", "now", "back"),
    [
        ("turn on the fan for two hours", ["fan.turn_on fan"], ["fan.turn_off fan"]),
        ("turn off the lamp for ten minutes", ["light.turn_off lamp"],
         ["light.turn_on lamp brightness_pct=60"]),
        ("set the lamp to 20 percent for ten minutes", ["light.turn_on lamp brightness_pct=20"],
         ["light.turn_on lamp brightness_pct=60"]),
        ("turn on the heating for two hours", ["climate.turn_on heating"],
         ["climate.set_hvac_mode heating hvac_mode=off"]),
        ("set the heating to 22 degrees for an hour",
         ["climate.set_temperature heating temperature=22"],
         ["climate.set_temperature heating temperature=18"]),
        ("open the blinds for half an hour", ["cover.open_cover blinds"],
         ["cover.close_cover blinds"]),
        ("set the blinds to 40 percent for half an hour",
         ["cover.set_cover_position blinds position=40"], ["cover.close_cover blinds"]),
        ("mute the tv for five minutes", ["media_player.volume_mute tv is_volume_muted=True"],
         ["media_player.volume_mute tv is_volume_muted=False"]),
        ("turn on the lamp for ten minutes", ["light.turn_on lamp"], ["light.turn_off lamp"]),
        ("turn on the fan and turn off the lamp for ten minutes",
         ["fan.turn_on fan", "light.turn_off lamp"], ["light.turn_on lamp brightness_pct=60"]),
    ],
)  # fmt: skip
async def test_after_a_while_all_is_as_it_was_before(
    talk: Talk, said: str, now: list[str], back: list[str]
) -> None:
    turn = await talk.say(said)
    assert talk.told == now, turn.reply
    assert "back in" in turn.reply
    talk.told.clear()
    await talk.pass_time(4 * 3600)
    assert talk.told == back
    assert talk.said == []
    assert talk.schedule.commands() == ()


@pytest.mark.parametrize(
    ("language", "said", "back"),
    [
        ("de", "mach den Fan für zwei Stunden an", "fan.turn_off fan"),
        ("de", "stell die Lamp für zehn Minuten auf 20 Prozent",
         "light.turn_on lamp brightness_pct=60"),
        ("zh", "把Fan打开两个小时", "fan.turn_off fan"),
        ("ko", "Fan 두 시간 동안 켜 줘", "fan.turn_off fan"),
    ],
)  # fmt: skip
async def test_for_a_while_in_other_languages(language: str, said: str, back: str) -> None:
    talk = Talk(language=language)
    turn = await talk.say(said)
    assert len(talk.told) == 1, turn.reply
    await talk.pass_time(4 * 3600)
    assert talk.told[1:] == [back]


async def test_what_somebody_has_changed_since_stays(talk: Talk) -> None:
    await talk.say("set the lamp to 20 percent for ten minutes")
    talk.home.update_state("lamp", {"power": "off"})
    talk.told.clear()
    await talk.pass_time(700)
    assert talk.told == []


async def test_longer_for_a_while_goes_back_to_what_was_before_both(talk: Talk) -> None:
    await talk.say("set the heating to 22 degrees for ten minutes")
    await talk.say("set the heating to 24 degrees for an hour")
    talk.told.clear()
    await talk.pass_time(1200)
    assert talk.told == []
    await talk.pass_time(3600)
    assert talk.told == ["climate.set_temperature heating temperature=18"]


async def test_shorter_for_a_while_comes_within_the_longer_one(talk: Talk) -> None:
    await talk.say("turn on the heating for two hours")
    await talk.say("set the heating to 24 degrees for ten minutes")
    talk.told.clear()
    await talk.pass_time(601)
    assert talk.told == ["climate.set_temperature heating temperature=18"]
    await talk.pass_time(7200)
    assert talk.told[1:] == ["climate.set_hvac_mode heating hvac_mode=off"]


async def test_what_has_no_way_back_is_not_begun(talk: Talk) -> None:
    turn = await talk.want("AssistantDelay", command="lock the front door", for_minutes=0)
    assert turn.failed
    turn = await talk.want("AssistantDelay", command="what time is it", for_minutes=5)
    assert turn.failed
    assert talk.told == []
    assert talk.schedule.commands() == ()


async def test_for_a_while_at_a_time_of_day_begins_then(talk: Talk) -> None:
    turn = await talk.want("AssistantDelay", command="turn on the fan", hour=11, for_hours=2)
    assert talk.told == []
    assert "11 AM" in turn.reply
    await talk.pass_time(3601)
    assert talk.told == ["fan.turn_on fan"]
    await talk.pass_time(7200)
    assert talk.told == ["fan.turn_on fan", "fan.turn_off fan"]


@pytest.mark.parametrize(("answer", "done"), [("yes", True), ("no", False)])
async def test_a_door_that_is_opened_for_a_while_is_shut_only_if_it_was_opened(
    talk: Talk, answer: str, done: bool
) -> None:
    turn = await talk.say("open the garage door for ten minutes")
    assert turn.question
    assert talk.told == []
    assert talk.schedule.commands() == ()
    turn = await talk.say(answer)
    await talk.pass_time(700)
    opened = ["cover.open_cover garage", "cover.close_cover garage"]
    assert talk.told == (opened if done else [])


async def test_the_way_back_that_unlocks_is_asked_about(talk: Talk) -> None:
    turn = await talk.say("lock the front door for ten minutes")
    assert talk.told == ["lock.lock front"]
    assert "ask before" in turn.reply
    talk.attended = True
    await talk.pass_time(601)
    assert talk.told == ["lock.lock front"]
    assert "Should I unlock the front door?" in talk.asked[0]
    await talk.say("yes")
    assert talk.told == ["lock.lock front", "lock.unlock front"]


@pytest.mark.parametrize(
    ("late_s", "attended", "answer", "unlocked"),
    [
        (1, True, "yes", True),
        (1, True, "no", False),
        (1, False, "yes", False),
        (120, True, "yes", False),
        (7200, True, "yes", False),
    ],
)
async def test_a_door_is_unlocked_later_only_after_a_yes_and_never_late(
    talk: Talk, late_s: float, attended: bool, answer: str, unlocked: bool
) -> None:
    turn = await talk.want("AssistantDelay", command="unlock the front door", minutes=10)
    assert "I will ask before I do it" in turn.reply
    talk.attended = attended
    await talk.pass_time(600 + late_s)
    assert talk.told == []
    told = [*talk.asked, *talk.said, *(ring.name for ring in talk.rang)]
    assert "unlock the front door" in told[0]
    assert talk.schedule.commands() == ()
    await talk.say(answer)
    assert talk.told == (["lock.unlock front"] if unlocked else [])


@pytest.mark.parametrize(
    ("command", "late_s", "done"),
    [
        ("open the blinds", 1, True),
        ("open the blinds", 30, False),
        ("open the blinds", 300, False),
        ("set the blinds to 40 percent", 300, False),
        ("open the garage door", 300, False),
        ("close the blinds", 300, True),
        ("lock the front door", 300, True),
        ("turn off the fan", 300, True),
        ("turn off the fan", 3600, False),
        ("wake up house", 1, True),
        ("wake up house", 300, False),
    ],
)
async def test_what_opens_is_never_done_late(command: str, late_s: float, done: bool) -> None:
    talk = Talk(routines={"wake up house": ("turn on the lamp",)})
    turn = await talk.want("AssistantDelay", command=command, minutes=10)
    assert not turn.failed, turn.reply
    # A routine is what it is by then
    talk.schedule.routines.write({"wake up house": ["open the blinds"]})
    await talk.want("AssistantLearnRoutine", phrase="wake up house", commands="open the blinds")
    await talk.pass_time(600 + late_s)
    assert len(talk.told) == done
    assert talk.schedule.commands() == ()
    assert any("I have not done it" in said for said in talk.said) is (not done and late_s < 600)
    await talk.pass_time(3600)
    assert len(talk.told) == done


async def test_a_way_back_that_opens_is_never_done_late(talk: Talk) -> None:
    await talk.say("open the blinds")
    await talk.say("close the blinds for ten minutes")
    talk.told.clear()
    await talk.pass_time(900)
    assert talk.told == []
    assert "I have not done it" in talk.said[0]
    assert "the blinds" in talk.said[0]


async def test_what_opens_is_not_done_late_when_the_machine_learns_the_time(
    tmp_path: Path,
) -> None:
    path = tmp_path / "assistant.db"
    before = Talk(path)
    for command in ("open the blinds", "turn on the fan"):
        await before.want("AssistantDelay", command=command, hour=11)
    before.schedule._database.close()
    clock = ManualClock(WEDNESDAY)
    known: list[bool] = []
    talk = Talk(path, clock=clock, is_set=lambda: bool(known), boot="another")
    await talk.pass_time(3600 + 300)
    assert talk.told == []
    known.append(True)
    await talk.pass_time(1)
    assert talk.told == ["fan.turn_on fan"]
    assert "open the blinds" in talk.said[0]


@pytest.mark.parametrize("language", ["en", "de", "zh", "ko"])
async def test_a_delayed_unlock_that_another_request_interrupts_is_told(language: str) -> None:
    talk = Talk(language=language)
    talk.attended = True
    unlock = Command.of([], [Action("lock.unlock", "front")], language=language)
    talk.schedule.do_in(600, unlock, "Haustür")
    await talk.pass_time(601)
    assert len(talk.asked) == 1
    await talk.want("HassTurnOff", name="Lamp")
    assert talk.told == ["light.turn_off lamp"]
    assert len(talk.said) == 1
    assert "Haustür" in talk.said[0]


async def test_a_delayed_unlock_that_nobody_answers_is_told_once(talk: Talk) -> None:
    talk.attended = True
    await talk.want("AssistantDelay", command="unlock the front door", minutes=10)
    await talk.pass_time(601)
    assert talk.said == []
    await talk.pass_time(60)
    assert not talk.conversation().waits_for_answer("default")
    assert talk.said == ["I did not unlock the front door, because nobody said yes to it."]
    await talk.say("yes")
    assert talk.told == []
    assert len(talk.said) == 1


@pytest.mark.parametrize(
    ("command", "again"),
    [
        ("turn off the fan", True),
        ("set the lamp to 20 percent", True),
        ("close the blinds", True),
        ("open the blinds", False),
        ("lock the front door", False),
        ("close the garage door", False),
        ("brighten the lamp by 10 percent", False),
    ],
)
async def test_a_command_that_was_cut_off_is_done_again_only_if_that_is_harmless(
    tmp_path: Path, command: str, again: bool
) -> None:
    path = tmp_path / "assistant.db"
    talk = Talk(path)
    turn = await talk.want("AssistantDelay", command=command, minutes=10)
    assert not turn.failed, turn.reply
    done: list[Any] = []

    async def cut_off(actions: Any) -> Any:
        done.extend(actions)
        talk.schedule._database.close()  # the power goes while the message is under way
        raise CutOff

    talk.perform = cut_off  # type: ignore[method-assign]
    talk.clock.advance(601)
    talk.schedule.poll()
    with pytest.raises(CutOff):
        await talk.finish()
    assert len(done) == 1
    talk = Talk(path, clock=talk.clock)
    talk.schedule.poll()
    await talk.finish()
    assert len(talk.told) == (1 if again else 0)
    assert [ring.cut_off for ring in talk.rang] == ([] if again else [True])
    talk = talk.restarted(path)
    talk.schedule.poll()
    await talk.finish()
    assert (talk.told, talk.rang) == ([], [])


async def test_what_must_not_be_done_twice_is_not_done_where_that_cannot_be_kept(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await talk.want("AssistantDelay", command="lock the front door", minutes=10)

    def fails(key: str) -> bool:
        raise StoreError("the disk is full")

    monkeypatch.setattr(talk.schedule, "begin", fails)
    await talk.pass_time(601)
    assert talk.told == []
    assert "could not lock the front door" in talk.said[0]


async def test_a_routine_may_be_put_off_and_is_what_it_is_by_then() -> None:
    talk = Talk(routines={"good night": ("turn off the lamp",)})
    turn = await talk.want("AssistantDelay", command="good night", hour=23, days="daily")
    assert not turn.failed, turn.reply
    await talk.pass_time(13 * 3600 + 1)
    assert talk.told == ["light.turn_off lamp"]


async def test_a_routine_of_the_home_file_is_run_helped_with_and_followed(talk: Talk) -> None:
    lamp = Action("light.turn_on", "Lamp", {"brightness_pct": 5})
    talk.schedule.routines.write({"Good night": ["turn on the fan", lamp]})
    turn = await talk.say("good night!")
    assert talk.told == ["fan.turn_on fan", "light.turn_on lamp brightness_pct=5"], turn.reply
    assert "Good night" in (await talk.say("what can you do")).reply
    talk.schedule.routines.write({"Good night": [Action("lock.unlock", "front")]})
    turn = await talk.say("good night")
    assert turn.question
    assert turn.reply == "Should I unlock the front door?"
    talk.schedule.routines.write({})
    assert (await talk.want("AssistantRunRoutine", routine="good night")).failed


async def test_what_was_learned_goes_before_what_is_written_down(talk: Talk) -> None:
    talk.schedule.routines.write({"movie time": ["turn on the fan"]})
    await talk.want("AssistantLearnRoutine", phrase="movie time", commands="turn off the lamp")
    await talk.say("movie time")
    assert talk.told == ["light.turn_off lamp"]
    await talk.want("AssistantForgetRoutine", routine="movie time")
    talk.told.clear()
    await talk.say("movie time")
    assert talk.told == ["fan.turn_on fan"]


async def test_of_a_routine_with_a_mistake_nothing_is_done(talk: Talk) -> None:
    talk.schedule.routines.write({"party": ["turn on the fan", "dance on the table"]})
    turn = await talk.say("party")
    assert turn.failed
    assert turn.reply == "I do not understand everything in the routine party, so I do none of it."
    assert talk.told == []
