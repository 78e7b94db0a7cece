"""`assistant explain`: how a sentence is understood, and what it would do."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.config import Settings

if TYPE_CHECKING:
    from assistant.household import Household
    from assistant.types import Turn
    from assistant.understanding.explain import Explanation, Part

_EPILOG = """examples:
  assistant explain "turn on the kitchen lights"
  assistant explain "dim the light" --area bedroom
  assistant explain "movie night" --home my-home.yaml --json

Nothing is sent to any device. The exit status is 1 where the sentence is not understood."""


def register(parser: argparse.ArgumentParser) -> None:
    """Describe the command."""
    parser.description = (
        "Show how a sentence is understood: by which template, with which slots, for "
        "which devices, and what else accepts it. Nothing is done."
    )
    parser.epilog = _EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("text", help="the sentence")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--home", type=Path, metavar="FILE", help="in the home this file describes")
    parser.add_argument("--area", help="the room it is said in (id or name)")
    parser.add_argument("--language", help="the language of the sentence")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Explain; 0 when the sentence is understood, 1 when not."""
    explained = asyncio.run(_explain(args, settings))
    if args.json:
        print(json.dumps(explained, ensure_ascii=False, indent=2))
    else:
        _print(explained)
    return 0 if explained["intents"] or explained["tier"] else 1


async def _explain(args: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    from assistant.household import Household
    from assistant.types import Request
    from assistant.understanding.explain import explain

    household = Household(settings, home_file=args.home, dry=True, scratch=True)
    await household.start()
    try:
        request = Request(args.text, area=args.area, language=args.language, dry_run=True)
        turn = await household.ask(request)
        area = household.located(request).area
        understanding = household.conversation(args.language).understanding
        explanation = await explain(understanding, args.text, area)
        return _as_json(turn, explanation, household)
    finally:
        await household.stop()


def _as_json(turn: Turn, explanation: Explanation, household: Household) -> dict[str, Any]:
    devices = household.home.devices
    intents = [_part_json(part) for part in explanation.parts]
    if not intents:
        intents = [
            {"intent": i.name, "slots": dict(i.slots), "text": i.text, "template": None,
             "file": None, "others": []}
            for i in turn.intents
        ]  # fmt: skip
    return {
        "text": turn.text,
        "language": turn.language,
        "area": turn.area,
        "tier": turn.tier.value if turn.tier else None,
        "intents": intents,
        "actions": [
            {
                "service": r.action.service, "device": r.action.device,
                "name": devices[r.action.device].name if r.action.device in devices else "",
                "data": dict(r.action.data), "asks_first": r.status == "awaiting_confirmation",
            }
            for r in turn.results
        ],
        "repair": _guess_json(explanation),
        "reply": turn.reply,
        "timings_ms": {"templates": explanation.matching_ms, **turn.timings_ms},
    }  # fmt: skip


def _guess_json(explanation: Explanation) -> dict[str, Any] | None:
    guess = explanation.guess
    if guess is None:
        return None
    verdict = ("sure" if guess.sure else "ask") if guess.text else "no"
    return {
        "verdict": verdict,
        "reason": guess.reason,
        "ms": explanation.guessing_ms,
        "candidates": [
            {"text": c.text, "intents": [{"intent": i.name, "slots": dict(i.slots)}
                                         for i in c.intents],
             "phones_wrong": round(c.cost, 2), "for_each_phone": round(c.rate, 3)}
            for c in guess.candidates
        ],
    }  # fmt: skip


def _part_json(part: Part) -> dict[str, Any]:
    chosen = next((r for r in part.readings if r.intent == part.intent.name), None)
    return {
        "intent": part.intent.name,
        "slots": dict(part.intent.slots),
        "text": part.intent.text,
        "template": chosen.sentence if chosen else None,
        "file": (chosen.file or "home-assistant-intents") if chosen else None,
        "others": [
            {"intent": r.intent, "template": r.sentence, "slots": dict(r.slots),
             "file": r.file or "home-assistant-intents"}
            for r in part.readings
            if r is not chosen
        ],
    }  # fmt: skip


def _print(explained: dict[str, Any]) -> None:
    timings = explained["timings_ms"]
    tier = explained["tier"] or "not understood"
    print(f"tier       {tier} (templates {timings['templates']} ms)")
    for intent in explained["intents"]:
        print(f"intent     {intent['intent']}" + _of(intent["text"], explained["text"]))
        if intent["template"]:
            print(f"template   {intent['template']}")
            print(f"           in {intent['file']}")
        for key, value in intent["slots"].items():
            print(f"slot       {key} = {value}")
        for other in intent["others"]:
            slots = ", ".join(f"{key}={value}" for key, value in other["slots"].items())
            print(f"also       {other['intent']}: {other['template']}  ({slots})")
    if repair := explained["repair"]:
        print(f"repair     {repair['verdict']}: {repair['reason']} ({repair['ms']} ms)")
        for candidate in repair["candidates"]:
            names = ", ".join(intent["intent"] for intent in candidate["intents"])
            print(f"sounds as  {candidate['text']}  ({names}; {candidate['phones_wrong']} phones "
                  f"wrong, {candidate['for_each_phone']} for each)")  # fmt: skip
    for action in explained["actions"]:
        data = " ".join(f"{key}={value}" for key, value in action["data"].items())
        asks = ", asks first" if action["asks_first"] else ""
        print(f"would do   {action['service']} {action['device']} {data}".rstrip() + asks)
    print(f"reply      {explained['reply']}")


def _of(part: str, whole: str) -> str:
    return f'  ("{part}")' if part and part != whole else ""
