"""What is kept for later, said as intents: the sentences for them are tested elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from talks import Talk

from assistant.skills.lists import items_in


@pytest.fixture
def talk() -> Talk:
    return Talk()


@pytest.mark.parametrize(
    ("slots", "due"),
    [
        ({"minutes": 20}, "2026-11-04 10:20"),
        ({"hours": 1.5}, "2026-11-04 11:30"),
        ({"hour": 18}, "2026-11-04 18:00"),
        ({"hour": 8}, "2026-11-05 08:00"),
        ({"hour": 8, "day": "tomorrow"}, "2026-11-05 08:00"),
        ({"hour": 6, "clock": 12, "day": "tomorrow"}, "2026-11-05 18:00"),
        ({"hour": 8, "clock": 12}, "2026-11-04 20:00"),
        ({"hour": 9, "day": "day_after_tomorrow"}, "2026-11-06 09:00"),
        ({"hour": 9, "day": "wednesday"}, "2026-11-11 09:00"),
        ({"hour": 11, "day": "wednesday"}, "2026-11-04 11:00"),
        ({"hour": 9, "month": 12, "month_day": 24}, "2026-12-24 09:00"),
        ({"hour": 9, "month_day": 3}, "2026-12-03 09:00"),
        ({"hour": 9, "month": 2, "month_day": 29}, "2028-02-29 09:00"),
        ({"hour": 18, "days": "sunday"}, "2026-11-08 18:00"),
        ({"hour": 18, "days": "monday,thursday"}, "2026-11-05 18:00"),
        ({"hour": 9, "every": "month", "month_day": 1}, "2026-12-01 09:00"),
        ({"sun": "sunset"}, "2026-11-04 16:31"),
        ({"sun": "sunrise", "sun_offset": -30, "days": "daily"}, "2026-11-05 06:39"),
    ],
)
async def test_a_reminder_is_due_when_it_was_said(
    talk: Talk, slots: dict[str, Any], due: str
) -> None:
    turn = await talk.want("AssistantSetReminder", reminder="call mum", **slots)
    told = [f"{r.due:%Y-%m-%d %H:%M}" for r in talk.schedule.reminders()]
    assert told == [due], turn.reply
    assert "call mum" in turn.reply


@pytest.mark.parametrize(
    ("name", "slots", "reply"),
    [
        ("HassStartTimer", {"minutes": -5}, "at least one second"),
        ("HassStartTimer", {"seconds": 0}, "at least one second"),
        ("HassStartTimer", {"hours": 8_766_000}, "30 days at most"),
        ("AssistantSetAlarm", {"hour": 25}, "no such time"),
        ("AssistantSetAlarm", {"hour": 7, "month": 2, "month_day": 31}, "no such date"),
        ("AssistantSetReminder", {"hour": 7, "month_day": 32, "reminder": "x"}, "no such date"),
        ("AssistantSetAlarm", {"hour": 8, "day": "today"}, "past 8 AM already"),
        ("AssistantSetReminder", {"minutes": 0, "reminder": "x"}, "at least one second"),
        ("AssistantDelay", {"minutes": -1, "command": "turn off the fan"}, "at least one second"),
        ("AssistantSnooze", {"minutes": 5}, "Nothing is ringing"),
        ("AssistantRunRoutine", {"routine": "party"}, "no routine called party"),
    ],
)
async def test_what_makes_no_sense_is_one_clear_sentence(
    talk: Talk, name: str, slots: dict[str, Any], reply: str
) -> None:
    turn = await talk.want(name, **slots)
    assert turn.failed
    assert reply in turn.reply
    assert not (talk.schedule.timers() or talk.schedule.alarms() or talk.schedule.reminders())


async def test_a_reminder_is_listed_found_by_its_words_and_cancelled(talk: Talk) -> None:
    await talk.want("AssistantSetReminder", reminder="call mum", hour=18)
    await talk.want("AssistantSetReminder", reminder="water the plants", hour=18, days="sunday")
    turn = await talk.want("AssistantListReminders")
    assert turn.reply == "Call mum, at 6 PM today. Water the plants, at 6 PM every Sunday."
    turn = await talk.want("AssistantCancelReminder")
    assert turn.question
    assert "which one" in turn.reply
    await talk.say("call mum")
    assert [r.text for r in talk.schedule.reminders()] == ["water the plants"]
    await talk.want("AssistantSetReminder", reminder="call mum", hour=18)
    await talk.want("AssistantCancelReminder", reminder="the plants")
    assert [r.text for r in talk.schedule.reminders()] == ["call mum"]


async def test_a_command_is_done_when_it_is_due_and_once(talk: Talk) -> None:
    turn = await talk.want("AssistantDelay", command="turn off the fan", minutes=30)
    assert turn.reply == "All right, in 30 minutes."
    await talk.pass_time(1799)
    assert talk.told == []
    await talk.pass_time(2)
    await talk.pass_time(7200)
    assert talk.told == ["fan.turn_off fan"]
    assert talk.said == []


async def test_a_repeated_command_is_done_every_time(talk: Talk) -> None:
    await talk.want("AssistantDelay", command="lock the front door", hour=23, days="daily")
    for seconds in (13 * 3600 + 1, 86_400, 86_400):
        await talk.pass_time(seconds)
    assert talk.told == ["lock.lock front"] * 3


async def test_at_sunset_needs_a_place() -> None:
    talk = Talk()
    await talk.want("AssistantDelay", command="turn on the lamp", sun="sunset", days="daily")
    assert talk.due() == ["2026-11-04 16:31"]
    nowhere = Talk(place=None)
    turn = await nowhere.want("AssistantDelay", command="turn on the lamp", sun="sunset")
    assert "do not know where we are" in turn.reply


async def test_for_two_hours_is_now_and_the_opposite_after_that(talk: Talk) -> None:
    turn = await talk.want("AssistantDelay", command="turn on the fan", for_hours=2)
    assert talk.told == ["fan.turn_on fan"]
    assert "back in 2 hours" in turn.reply
    await talk.pass_time(7201)
    assert talk.told == ["fan.turn_on fan", "fan.turn_off fan"]


async def test_what_was_for_two_hours_ends_however_late_and_other_commands_do_not(
    tmp_path: Path,
) -> None:
    path = tmp_path / "assistant.db"
    talk = Talk(path)
    await talk.want("AssistantDelay", command="turn on the fan", for_hours=2)
    await talk.want("AssistantDelay", command="turn on the lamp", hours=2)
    again = talk.restarted(path)
    await again.pass_time(3 * 86_400)
    assert again.told == ["fan.turn_off fan"]
    [missed] = again.rang
    assert (missed.kind, missed.missed, missed.name) == ("command", True, "turn on the lamp")


@pytest.mark.parametrize("command", ["sing a song", "what time is it", "turn off the dragon"])
async def test_what_is_no_command_is_not_kept(talk: Talk, command: str) -> None:
    turn = await talk.want("AssistantDelay", command=command, minutes=5)
    assert turn.failed
    assert talk.schedule.commands() == ()


async def test_commands_for_later_are_listed_and_left(talk: Talk) -> None:
    await talk.want("AssistantDelay", command="turn off the fan", minutes=30)
    await talk.want("AssistantDelay", command="turn off the lamp", hour=18)
    turn = await talk.want("AssistantListDelays")
    assert turn.reply == "Turn off the fan, at 10:30 AM today. Turn off the lamp, at 6 PM today."
    await talk.want("AssistantCancelDelay", command="turn off the lamp")
    assert talk.due() == ["2026-11-04 10:30"]


async def test_a_routine_is_learned_run_by_its_very_words_and_forgotten(talk: Talk) -> None:
    turn = await talk.want(
        "AssistantLearnRoutine", phrase="movie time", commands="turn off the lamp and the fan"
    )
    assert "movie time" in turn.reply
    await talk.say("Movie time!")
    assert sorted(talk.told) == ["fan.turn_off fan", "light.turn_off lamp"]
    await talk.want("AssistantForgetRoutine", routine="movie time")
    assert (await talk.want("AssistantRunRoutine", routine="movie time")).failed


async def test_a_routine_of_the_settings_asks_before_it_opens_a_door() -> None:
    routines = {"good morning": ("turn on the lamp", "unlock the front door")}
    talk = Talk(routines=routines)
    turn = await talk.say("good morning")
    assert turn.question
    assert talk.told == ["light.turn_on lamp"]
    await talk.say("yes")
    assert talk.told == ["light.turn_on lamp", "lock.unlock front"]


async def test_a_phrase_that_means_something_is_no_routine(talk: Talk) -> None:
    turn = await talk.want(
        "AssistantLearnRoutine", phrase="turn on the lamp", commands="unlock the front door"
    )
    assert turn.failed
    assert talk.schedule.routines.all() == ()


async def test_things_are_put_on_a_list_ticked_off_and_taken_off(talk: Talk) -> None:
    turn = await talk.want("HassShoppingListAddItem", item="milk, eggs and bread")
    assert turn.reply == "Milk, eggs, bread are on the shopping list."
    assert (await talk.want("HassShoppingListAddItem", item="Milk")).reply == (
        "Milk is on the shopping list already."
    )
    turn = await talk.want("HassShoppingListAddItem", item="dishwasher tablets")
    assert turn.reply == "Dishwasher tablets are on the shopping list."
    await talk.want("AssistantListRemoveItem", item="dishwasher tablets", name="shopping")
    await talk.want("HassShoppingListCompleteItem", item="egg")
    await talk.want("AssistantListRemoveItem", item="bread", name="shopping")
    assert (await talk.want("AssistantReadList", name="shopping")).reply == (
        "On the shopping list is milk."
    )
    assert (await talk.want("AssistantListRemoveItem", item="tea")).failed
    await talk.want("HassListAddItem", item="call the bank", name="to-do")
    assert [item.text for item in talk.schedule.lists.items("to-do")] == ["call the bank"]


async def test_a_list_is_cleared_after_a_yes(talk: Talk) -> None:
    await talk.want("HassShoppingListAddItem", item="milk")
    turn = await talk.want("AssistantClearList", name="shopping")
    assert turn.question
    assert turn.reply == "Should I clear the shopping list?"
    assert len(talk.schedule.lists.items("shopping")) == 1
    assert (await talk.say("yes")).reply == "The shopping list is empty now."
    assert talk.schedule.lists.items("shopping") == ()
    await talk.say("undo that")
    assert [item.text for item in talk.schedule.lists.items("shopping")] == ["milk"]


async def test_undo_puts_back_what_was_set_changed_and_cancelled(talk: Talk) -> None:
    await talk.say("set a pizza timer for ten minutes")
    talk.clock.advance(10)
    await talk.say("cancel the pizza timer")
    talk.clock.advance(5)
    await talk.say("undo that")
    [timer] = talk.schedule.timers()
    assert (timer.name, timer.remaining_s) == ("pizza", pytest.approx(585))
    await talk.want("AssistantSetReminder", reminder="call mum", hour=18)
    await talk.say("undo that")
    assert talk.schedule.reminders() == ()


async def test_an_alarm_is_moved_skipped_switched_off_and_on(talk: Talk) -> None:
    await talk.want("AssistantSetAlarm", hour=7, days="weekdays")
    turn = await talk.want("AssistantSkipAlarm")
    assert "left out once" in turn.reply
    assert f"{talk.schedule.alarms()[0].next_ring:%a %H:%M}" == "Fri 07:00"
    await talk.want("AssistantChangeAlarm", hour=7, minute=15, clock=12)
    assert f"{talk.schedule.alarms()[0].time:%H:%M}" == "07:15"
    assert talk.schedule.alarms()[0].days == frozenset(range(5))
    await talk.want("AssistantDisableAlarm")
    await talk.pass_time(2 * 86_400)
    assert talk.rang == []
    await talk.want("AssistantEnableAlarm")
    assert talk.schedule.alarms()[0].enabled


async def test_lights_grow_bright_before_an_alarm(talk: Talk) -> None:
    turn = await talk.want("AssistantSetAlarm", hour=11, minute=0, with_device="Lamp")
    assert "with the lamp growing bright before" in turn.reply
    await talk.pass_time(44 * 60)
    assert talk.told == []
    for _ in range(31):
        await talk.pass_time(30)
    assert sum(told.startswith("light.turn_on lamp") for told in talk.told) >= 29
    assert talk.rang == []
    await talk.pass_time(60)
    assert [ring.kind for ring in talk.rang] == ["alarm"]


async def test_who_turns_the_light_off_again_is_left_in_the_dark(talk: Talk) -> None:
    await talk.want("AssistantSetAlarm", hour=11, minute=0, with_device="Lamp")
    await talk.pass_time(45 * 60 + 1)
    talk.home.update_state("lamp", {"power": "off"})
    talk.told.clear()
    await talk.pass_time(300)
    assert talk.told == []


async def test_a_timer_is_started_again_and_its_length_told(talk: Talk) -> None:
    await talk.want("HassStartTimer", minutes=10, name="pizza")
    await talk.want("HassIncreaseTimer", minutes=5)
    turn = await talk.want("AssistantTimerLength")
    assert turn.reply == "The pizza timer was set for 10 minutes."
    await talk.pass_time(901)
    assert len(talk.rang) == 1
    await talk.want("AssistantRestartTimer")
    [timer] = talk.schedule.timers()
    assert (timer.name, timer.remaining_s) == ("pizza", pytest.approx(600))
    await talk.pass_time(601)
    talk.schedule.silence()
    await talk.want("AssistantRestartTimer")
    assert [t.remaining_s for t in talk.schedule.timers()] == [pytest.approx(600)]


async def test_a_timer_to_a_clock_time_runs_until_then(talk: Talk) -> None:
    await talk.want("HassStartTimer", hour=10, minute=30, clock=12)
    assert talk.schedule.timers()[0].remaining_s == pytest.approx(1800)


async def test_which_of_two_timers_is_asked_and_answered(talk: Talk) -> None:
    await talk.want("HassStartTimer", minutes=10, name="pizza")
    await talk.want("HassStartTimer", minutes=20, name="bread")
    turn = await talk.say("cancel the timer")
    assert turn.question
    await talk.say("the bread timer")
    assert [timer.name for timer in talk.schedule.timers()] == ["pizza"]


@pytest.mark.parametrize(
    ("language", "said", "items"),
    [
        ("en", "milk, eggs and bread", ["milk", "eggs", "bread"]),
        ("en", "and bread", ["bread"]),
        ("en", "sandwich spread", ["sandwich spread"]),
        ("de", "Eier und Butter", ["Eier", "Butter"]),
        ("zh", "面包、黄油和苹果", ["面包", "黄油", "苹果"]),
        ("ko", "우유랑 계란", ["우유", "계란"]),
        ("ko", "사과 주스", ["사과 주스"]),
    ],
)
def test_several_things_are_told_apart(language: str, said: str, items: list[str]) -> None:
    assert items_in(said, language) == items
