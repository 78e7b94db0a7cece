"""What leans on what was said before: pronouns, places, the other one, a bit more, undo."""

from __future__ import annotations

import pytest
from dialogues import Talk

from assistant.config import DialogueSettings


@pytest.mark.parametrize(
    ("language", "first", "then", "told"),
    [
        ("en", "turn on the reading lamp", "turn it off again", ["turn_off reading"]),
        ("en", "turn on the reading lamp", "make it red", ["turn_on reading red"]),
        ("en", "turn on the reading lamp", "and dim it to 20 percent", ["turn_on reading 20"]),
        ("en", "turn on the reading lamp", "and the fan too", ["turn_on fan"]),
        ("en", "turn on the reading lamp", "and in the bedroom", ["turn_on bed"]),
        ("en", "turn on the living room lights", "the same for the kitchen", ["turn_on hob"]),
        ("en", "turn on the living room lights", "turn them off",
         ["turn_off floor", "turn_off reading"]),
        ("en", "close the left blind", "no, the other one", ["close_cover right"]),
        ("en", "turn on the reading lamp", "half brightness", ["turn_on reading 50"]),
        ("en", "set the heating to 22", "no, 18.5", ["set_temperature heating 18.5"]),
        ("en", "set the heating to 22", "one degree more", ["set_temperature heating 23"]),
        ("en", "is the front door locked", "lock it please", ["lock front"]),
        ("en", "turn on the fan", "set it to 70 percent", ["set_percentage fan 70"]),
        ("de", "Mach die Leselampe an", "Mach sie wieder aus", ["turn_off reading"]),
        ("de", "Mach die Leselampe an", "Und im Schlafzimmer?", ["turn_on bed"]),
        ("de", "Mach die linke Jalousie zu", "Nein, die andere", ["close_cover right"]),
        ("de", "Stell die Heizung auf 21 Grad", "Noch ein Grad mehr",
         ["set_temperature heating 22"]),
        ("zh", "打开阅读灯", "再关掉", ["turn_off reading"]),
        ("zh", "打开阅读灯", "把它关掉", ["turn_off reading"]),
        ("zh", "打开客厅的灯", "卧室呢", ["turn_on bed"]),
        ("ko", "독서등 켜 줘", "다시 꺼 줘", ["turn_off reading"]),
        ("ko", "독서등 켜 줘", "그거 꺼 줘", ["turn_off reading"]),
        ("ko", "거실 불 켜 줘", "침실도", ["turn_on bed"]),
        ("ko", "왼쪽 블라인드 닫아 줘", "아니 다른 거", ["close_cover right"]),
    ],
)  # fmt: skip
async def test_what_was_spoken_of_is_meant(language, first, then, told) -> None:
    talk = Talk(language)
    await talk.say(first)
    turn = await talk.say(then)
    assert (sorted(talk.told), turn.failed) == (told, False)


@pytest.mark.parametrize(
    ("language", "first", "undo", "told"),
    [
        ("en", "turn on the fan", "undo that", ["turn_off fan"]),
        ("en", "set the heating to 23", "put it back", ["set_temperature heating 20"]),
        ("en", "close the left blind", "undo it", ["open_cover left"]),
        ("en", "turn on the lights in the living room", "oh no, undo that",
         ["turn_off floor", "turn_off reading"]),
        ("de", "Mach den Ventilator an", "Mach das rückgängig", ["turn_off fan"]),
        ("zh", "打开风扇", "撤销", ["turn_off fan"]),
        ("ko", "선풍기 켜 줘", "방금 거 되돌려 줘", ["turn_off fan"]),
    ],
)  # fmt: skip
async def test_what_was_done_is_undone(language, first, undo, told) -> None:
    talk = Talk(language)
    await talk.say(first)
    turn = await talk.say(undo)
    assert (sorted(talk.told), turn.failed) == (told, False)


async def test_a_lock_is_not_unlocked_again_without_a_yes() -> None:
    talk = Talk()
    await talk.say("lock the front door")
    assert (await talk.say("undo that")).question
    assert talk.told == []
    await talk.say("yes")
    assert talk.told == ["unlock front"]


async def test_a_timer_that_was_set_by_mistake_is_gone() -> None:
    talk = Talk()
    await talk.say("set a timer for ten minutes")
    await talk.say("undo that")
    assert talk.schedule.timers() == ()


async def test_a_timer_that_was_cancelled_runs_again() -> None:
    talk = Talk()
    talk.schedule.start_timer(600, "pizza")
    await talk.say("cancel the pizza timer")
    assert talk.schedule.timers() == ()
    await talk.say("undo that")
    assert [(t.name, t.remaining_s) for t in talk.schedule.timers()] == [("pizza", 600)]


async def test_what_cannot_be_undone_is_said() -> None:
    talk = Talk()
    await talk.say("activate party")
    turn = await talk.say("undo that")
    assert turn.failed
    assert "cannot undo" in turn.reply


async def test_it_is_the_timer_that_was_just_set() -> None:
    talk = Talk()
    talk.schedule.start_timer(60)
    await talk.say("set a timer for ten minutes")
    await talk.say("pause it")
    assert {t.duration_s: t.paused for t in talk.schedule.timers()} == {60: False, 600: True}


async def test_nobody_elses_it_is_meant() -> None:
    talk = Talk()
    await talk.say("turn on the fan", who="kitchen")
    await talk.say("turn it off", who="bedroom")
    assert talk.told == []


async def test_after_a_while_it_means_nothing() -> None:
    talk = Talk()
    await talk.say("turn on the fan")
    talk.clock.advance(DialogueSettings().remember_s + 1)
    await talk.say("turn it off")
    assert talk.told == []
    assert (await talk.say("undo that")).failed
    assert talk.told == []


@pytest.mark.parametrize(
    "said", ["what a day", "in a minute", "off to work", "the kitchen is nice", "no", "kitchen"]
)
async def test_talk_after_a_request_does_nothing(said) -> None:
    talk = Talk()
    await talk.say("turn on the fan")
    await talk.say(said)
    assert talk.told == []


async def test_it_is_what_was_named_in_the_same_breath() -> None:
    talk = Talk()
    await talk.say("turn on the fan")
    await talk.say("turn on the reading lamp and make it red")
    assert talk.told == ["turn_on reading", "turn_on reading red"]


async def test_memory_of_visitors_does_not_pile_up() -> None:
    talk = Talk()
    for number in range(50):
        await talk.say("turn on the fan", who=f"visitor {number}")
        talk.clock.advance(30)
    assert len(talk.conversation._memory) < 7


async def test_it_can_be_turned_off_later() -> None:
    talk = Talk()
    await talk.say("turn on the fan")
    turn = await talk.say("turn it off in twenty minutes")
    assert not turn.failed
    assert talk.told == []
    assert len(talk.schedule.commands()) == 1


@pytest.mark.parametrize("said", ["what a day", "bananas are yellow", "no"])
async def test_talk_after_a_list_is_not_put_on_it(said) -> None:
    talk = Talk()
    await talk.say("add milk to the shopping list")
    await talk.say("and bread")
    await talk.say(said)
    assert [item.text for item in talk.schedule.lists.items("shopping")] == ["milk", "bread"]


async def test_there_is_the_room_of_what_was_undone() -> None:
    talk = Talk()
    await talk.say("turn on the hob light")
    await talk.say("undo that")
    turn = await talk.say("turn on the lights in there")
    assert (talk.told, turn.failed) == (["turn_on hob"], False)


async def test_undoing_twice_does_it_again() -> None:
    talk = Talk()
    await talk.say("turn on the fan")
    await talk.say("undo that")
    await talk.say("undo that")
    assert [told.split()[1] for told in talk.told] == ["fan"]
