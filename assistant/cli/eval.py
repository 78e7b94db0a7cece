"""`assistant eval`: how well requests are understood, and by which model, in one table."""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.config import Settings
from assistant.errors import EvaluationError

if TYPE_CHECKING:
    from assistant.evaluation.cases import Case
    from assistant.evaluation.figures import Played
    from assistant.evaluation.judging import Verdict

_EPILOG = """A file of cases holds one JSON object a line, as `assistant ask --batch` reads it, and
what should come of it:
  {"text": "it's like a cave in here", "area": "hall", "expect": {"do": ["light.turn_on lamp"]}}
  {"text": "let the plumber in", "expect": {"confirm": ["lock.unlock front_door"]}}
  {"text": "is the garage shut", "expect": {"tell": ["clos*|shut|yes"]}}
  {"text": "dim it", "expect": {"ask": true}}
  {"text": "why is the sky blue", "expect": {"chat": true}}
  {"text": "he turned the light off", "expect": {"nothing": true}}
All of the notation: tests/llm/eval/FORMAT.md. The terms of the table: docs/evaluation.md.

examples:
  assistant eval my-cases.jsonl --home my-home.yaml
  assistant eval tests/llm/eval/flat.jsonl --home tests/llm/eval/flat.yaml --tiers all
  assistant eval cases.jsonl --home home.yaml --model my-small-one --model my-bigger-one
  assistant eval cases.jsonl --home home.yaml --json > figures.json

Nothing is sent to any device. The exit status is 0 whatever the figures are."""

_COLUMNS = (
    ("cases", "cases"), ("exact_pct", "exact"), ("asked_rightly_pct", "asked"),
    ("false_actions_pct", "false"), ("asked_wrongly_pct", "asked?"), ("intent_pct", "intent"),
    ("device_pct", "device"), ("value_pct", "value"), ("p50_ms", "p50 ms"), ("p95_ms", "p95 ms"),
)  # fmt: skip
_WIDTH = 16
_LEGEND = """In percent of cases. exact: just what was expected; asked: rightly proposed, not done;
false: done wrongly, unasked; asked?: wrongly proposed; intent, device, value: rightly done or
proposed."""


@dataclass(frozen=True, slots=True)
class _Setup:
    """One of what is compared; empty: as configured."""

    model: str
    adapter: str

    def __str__(self) -> str:
        return " + ".join(part for part in (self.model, self.adapter) if part) or "as configured"


def register(parser: argparse.ArgumentParser) -> None:
    """Describe the command."""
    parser.description = (
        "Play a file of requests to the assistant in a simulated home, and say how much of it was "
        "understood, how often something was done that nobody wanted, and how long it took."
    )
    parser.epilog = _EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("file", type=Path, metavar="FILE", help="the cases, one JSON object a line")
    parser.add_argument(
        "--home", type=Path, metavar="FILE", required=True, help="the home the cases are for"
    )
    parser.add_argument(
        "--model", action="append", metavar="NAME", default=[],
        help="an installed language model, as `assistant models list` shows it; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--adapter",
        action="append",
        metavar="FILE",
        default=[],
        help='a LoRA for the model, a .gguf file; "none" for the model alone; may be repeated',
    )
    parser.add_argument(
        "--tiers", choices=("llm", "all"), default="llm",
        help="llm: without sentence templates, to see the model alone (default); all: as usual",
    )  # fmt: skip
    parser.add_argument(
        "--asked-counts", action="store_true",
        help='count "Should I …?" of just the right commands as an exact match',
    )  # fmt: skip
    parser.add_argument("--category", help="only cases of this category")
    parser.add_argument("--quiet", action="store_true", help="do not list what went wrong")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Evaluate, each setup in a process of its own where there are several."""
    models, adapters = args.model or [""], args.adapter or [""]
    setups = [_Setup(*pair) for pair in itertools.product(models, adapters)]
    results = asyncio.run(_all(args, settings, setups))
    if args.json:
        print(json.dumps(results if len(results) > 1 else results[0], ensure_ascii=False, indent=1))
        return 0
    for result in results:
        _print(result, with_wrong=not args.quiet)
    if len(results) > 1:
        _compare(results)
    return 0


async def _all(
    args: argparse.Namespace, settings: Settings, setups: Sequence[_Setup]
) -> list[dict[str, Any]]:
    if len(setups) == 1:
        return [await _evaluate(args, settings, setups[0])]
    return [await _in_own_process(args, setup) for setup in setups]


async def _in_own_process(args: argparse.Namespace, setup: _Setup) -> dict[str, Any]:
    """One setup, so that no other is in its memory."""
    command = [sys.executable, "-m", "assistant"]
    command += ["--config", str(args.config)] if args.config else []
    command += ["eval", str(args.file), "--home", str(args.home), "--tiers", args.tiers, "--json"]
    command += ["--asked-counts"] if args.asked_counts else []
    command += ["--category", args.category] if args.category else []
    command += ["--model", setup.model] if setup.model else []
    command += ["--adapter", setup.adapter] if setup.adapter else []
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    if process.returncode != 0:
        raise EvaluationError(f"{setup} could not be evaluated; see above.")
    result: dict[str, Any] = json.loads(output)
    return result


async def _evaluate(args: argparse.Namespace, settings: Settings, setup: _Setup) -> dict[str, Any]:
    from assistant.evaluation.cases import read_cases
    from assistant.evaluation.figures import row, rows
    from assistant.evaluation.playing import judged_answers, play

    settings = _with(settings, setup)
    cases = [c for c in read_cases(args.file) if args.category in (None, c.category)]
    if not cases:
        raise EvaluationError(f'No case of {args.file} has the category "{args.category}"')
    went = await play(
        cases, settings, args.home, templates=args.tiers == "all",
        progress=lambda some: _with_bar(some, f"{setup}"),
    )  # fmt: skip
    counts = {"asked_counts": args.asked_counts}
    answers = await judged_answers(went.played, settings)
    return {
        "file": str(args.file),
        "setup": str(setup),
        "tiers": args.tiers,
        "asked_counts": args.asked_counts,
        "all": _row(row("all", went.played, **counts)),
        "categories": [_row(r) for r in rows(went.played, lambda v: v.case.category, **counts)],
        "tiers_and_languages": [_row(r) for r in rows(went.played, _tier_and_language, **counts)],
        "resident_mb": round(went.resident_mb, 1),
        "model_mb": round(went.model_mb, 1),
        "answers": asdict(answers["all"]) if "all" in answers else None,
        "answers_by_language": {k: asdict(one) for k, one in answers.items() if k != "all"},
        "cases": [_case(one, args.asked_counts) for one in went.played],
    }


def _with(settings: Settings, setup: _Setup) -> Settings:
    changes: dict[str, object] = {"model": setup.model} if setup.model else {}
    if setup.adapter:
        changes["adapter"] = setup.adapter
    return settings.model_copy(update={"llm": settings.llm.model_copy(update=changes)})


def _tier_and_language(verdict: Verdict) -> str:
    tier = verdict.came.tier
    return f"{tier.value if tier else 'none'} {verdict.came.language}"


def _row(row: Any) -> dict[str, Any]:
    """A row with shares in percent, rounded."""
    values = asdict(row)
    shares = (
        "exact",
        "asked_rightly",
        "false_actions",
        "asked_wrongly",
        "intent",
        "device",
        "value",
    )
    percents = {
        f"{key}_pct": None if values[key] is None else round(100 * values[key], 1) for key in shares
    }
    times = {key: round(values[key], 1) for key in ("p50_ms", "p95_ms")}
    return {"name": values["name"], "cases": values["cases"], **percents, **times}


def _case(one: Played, asked_counts: bool) -> dict[str, Any]:
    verdict = one.verdict
    return {
        "line": verdict.case.line,
        "category": verdict.case.category,
        "text": verdict.case.text,
        "area": verdict.case.area,
        "right": verdict.right(asked_counts),
        "asked_rightly": verdict.asked_rightly,
        "false_action": verdict.false_action,
        "asked_wrongly": verdict.asked_wrongly,
        "intent": verdict.intent,
        "device": verdict.device,
        "value": verdict.value,
        "came": str(verdict.came),
        "reply": verdict.came.reply,
        "tier": verdict.came.tier.value if verdict.came.tier else None,
        "latency_ms": round(one.latency_ms, 1),
    }


def _with_bar(cases: Iterable[Case], title: str) -> Iterable[Case]:
    """The cases, with a bar on a terminal."""
    if not sys.stderr.isatty():
        return cases
    from rich.console import Console
    from rich.progress import track

    return track(cases, title, console=Console(stderr=True), transient=True)


def _print(result: Mapping[str, Any], *, with_wrong: bool) -> None:
    wrong = [one for one in result["cases"] if not one["right"] or one["false_action"]]
    if with_wrong and wrong:
        print("what went wrong (!: a false action, ?: asked, rightly or wrongly):")
        for one in wrong:
            asked = one["asked_rightly"] or one["asked_wrongly"]
            mark = "!" if one["false_action"] else "?" if asked else " "
            print(f" {mark} {one['line']:>4} [{one['category']}] {one['text']}  →  {one['came']}")
        print()
    print(f"{result['setup']}, tiers: {result['tiers']}, {result['file']}")
    _head("category")
    for one in [*result["categories"], result["all"]]:
        _line(one)
    _head("tier, language")
    for one in result["tiers_and_languages"]:
        _line(one)
    print(f"\n{_LEGEND}")
    print(
        f"memory: {result['resident_mb']} MB resident, of it {result['model_mb']} MB by the model"
    )
    _print_answers(result["answers"], "free answers")
    for language, figures in result["answers_by_language"].items():
        _print_answers(figures, f"  in {language}")


def _print_answers(answers: Mapping[str, float] | None, title: str) -> None:
    if answers is None:
        print(f"{title}: none that could be judged")
        return
    print(
        "{title}: {answers}, perplexity {perplexity:.1f}, relevance {relevance:.2f}, "
        "nearest {nearest:.2f}, distinct-1 {distinct_1:.2f}, distinct-2 {distinct_2:.2f}, "
        "self-BLEU {self_bleu:.2f}".format(title=title, **answers)
    )


def _compare(results: Sequence[Mapping[str, Any]]) -> None:
    print("\nside by side")
    width = max(_WIDTH, *(len(result["setup"]) for result in results))
    _head("setup", "memory MB", width=width)
    for result in results:
        row = {**result["all"], "name": result["setup"]}
        _line(row, f"{result['resident_mb']:>11}", width=width)


def _head(first: str, *more: str, width: int = _WIDTH) -> None:
    columns = "".join(f"{name:>8}" for _, name in _COLUMNS)
    print(f"\n{first:<{width}}{columns}" + "".join(f"{name:>11}" for name in more))


def _line(row: Mapping[str, Any], more: str = "", *, width: int = _WIDTH) -> None:
    cells = ("-" if row[key] is None else f"{row[key]}" for key, _ in _COLUMNS)
    print(f"{row['name']:<{width}}" + "".join(f"{cell:>8}" for cell in cells) + more)
