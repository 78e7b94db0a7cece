"""`assistant ask`: one request by text or sound file, or a whole file of them."""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import IO, Any

from assistant.config import Settings
from assistant.errors import AssistantError, ControlError

_EPILOG = """examples:
  assistant ask "turn on the kitchen lights"
  assistant ask "turn on the light" --area bedroom
  assistant ask --wav order.wav --json
  assistant ask "close the blinds" --home my-home.yaml --dry-run --json
  assistant ask --batch requests.jsonl --home my-home.yaml > results.jsonl

Without --home or --batch the running assistant is asked; if none is running, one is started for
this request alone. The JSON keys are documented in docs/ask.md."""


def register(parser: argparse.ArgumentParser) -> None:
    """Describe the command."""
    parser.description = "Ask the assistant by text or by a sound file, as if it had been spoken."
    parser.epilog = _EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("text", nargs="?", help="what to ask")
    what.add_argument("--wav", type=Path, metavar="FILE", help="a sound file with the request")
    what.add_argument(
        "--batch", metavar="FILE",
        help='one request a line: {"text": …} or {"wav": …}, optionally area, language, '
        'conversation; "-" reads standard input',
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--home", type=Path, metavar="FILE", help="in the home this file describes")
    parser.add_argument("--area", help="the room it is asked in (id or name)")
    parser.add_argument("--language", help="the language of the request")
    parser.add_argument("--dry-run", action="store_true", help="send nothing to any device")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Ask; 0 when it was understood and done (or a question came back), 1 when not."""
    return asyncio.run(_ask(args, settings))


async def _ask(args: argparse.Namespace, settings: Settings) -> int:
    from assistant.control import is_running

    if args.batch:
        return await _batch(args, settings)
    request = {"text": args.text, "area": args.area, "language": args.language}
    if args.wav:
        request = {**request, "wav": str(args.wav)}
    if args.home is None and await is_running():
        answer = await _ask_daemon(request, args.dry_run)
        _print(answer, args.json)
    else:
        async with _answering(args, settings) as answering:
            answer = await answering(request)
            _print(answer, args.json)
            while answer["question"] and not args.json and sys.stdin.isatty():
                line = await asyncio.to_thread(input, "you: ")
                answer = await answering({"text": line, "area": args.area})
                _print(answer, as_json=False)
    return 1 if answer["failed"] else 0


async def _ask_daemon(request: Mapping[str, Any], dry_run: bool) -> dict[str, Any]:
    from assistant.audio import read_wav
    from assistant.control import call

    message = {**request, "op": "ask", "dry_run": dry_run, "conversation": "command line"}
    if path := message.pop("wav", None):
        message["pcm16k"] = base64.b64encode(read_wav(Path(path)).tobytes()).decode()
    return await call(message)


@contextlib.asynccontextmanager
async def _answering(args: argparse.Namespace, settings: Settings) -> AsyncIterator[Any]:
    """A household of our own for the length of the command."""
    from assistant.audio import read_wav
    from assistant.engines import Hearing
    from assistant.household import Household
    from assistant.turn_json import turn_to_json
    from assistant.types import Request

    household = Household(settings, home_file=args.home, dry=args.dry_run, scratch=bool(args.home))
    hearing = Hearing(household)
    await household.start()

    async def answer(request: Mapping[str, Any]) -> dict[str, Any]:
        asked = Request(
            request.get("text") or "",
            area=request.get("area") or args.area,
            language=request.get("language") or args.language,
            conversation=str(request.get("conversation") or "command line"),
        )
        if request.get("wav"):
            turn = await hearing.ask(read_wav(Path(request["wav"])), asked)
        else:
            turn = await household.ask(asked)
        return turn_to_json(turn)

    try:
        yield answer
    finally:
        await hearing.close()
        await household.stop()


async def _batch(args: argparse.Namespace, settings: Settings) -> int:
    with _open(args.batch) as lines:
        async with _answering(args, settings) as answering:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    result = await _one_of_batch(answering, line, number)
                    print(json.dumps(result, ensure_ascii=False), flush=True)
    return 0


async def _one_of_batch(answering: Any, line: str, number: int) -> dict[str, Any]:
    """The result of one line; a line that cannot be answered yields an object with `error`."""
    try:
        request = json.loads(line)
        if not isinstance(request, dict) or not (
            isinstance(request.get("text"), str) or isinstance(request.get("wav"), str)
        ):
            return {"line": number, "error": 'expected {"text": …} or {"wav": …}'}
        for key in ("area", "language"):
            if not isinstance(request.get(key, ""), str | None):
                return {"line": number, "error": f'expected a text as "{key}"'}
        request.setdefault("conversation", f"line {number}")
        result: dict[str, Any] = await answering(request)
    except json.JSONDecodeError as error:
        return {"line": number, "error": f"not JSON: {error}"}
    except AssistantError as error:
        return {"line": number, "error": str(error)}
    return result


def _open(name: str) -> contextlib.AbstractContextManager[IO[str]]:
    if name == "-":
        return contextlib.nullcontext(sys.stdin)
    try:
        return Path(name).open(encoding="utf-8")
    except OSError as error:
        raise ControlError(f"Cannot read {name}: {error.strerror}.") from error


def _print(answer: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(answer, ensure_ascii=False))
        return
    if answer["text"]:
        print(f"heard: {answer['text']}")
    for action in answer["actions"]:
        print(f"  {action['service']} {action['device']}: {action['outcome'].replace('_', ' ')}")
    print(answer["reply"])
