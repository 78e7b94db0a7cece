"""`assistant status`: how the running one is doing."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Iterator, Mapping
from typing import Any

from assistant.config import Settings

_EPILOG = """The language model is one of:
  off         switched off with llm.enabled
  absent      there is none: `assistant models recommend` says which fits
  not loaded  it is loaded by the first request that needs it
  loading     with the share of the present step that is done
  ready       which one, with which adapter, how much memory, and the server that is asked first
  failed      and why"""
_WIDTH = 16


def register(parser: argparse.ArgumentParser) -> None:
    """Describe the command."""
    parser.description = "Show how the running assistant is doing: what works, and why not."
    parser.epilog = _EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Ask the running assistant and print what it says."""
    del settings
    from assistant.control import call

    status = asyncio.run(call({"op": "status"}))
    if args.json:
        print(json.dumps(status, ensure_ascii=False, indent=1))
        return 0
    for name, told in _lines(status):
        print(f"{name:<{_WIDTH}}{told}")
    return 0


def _lines(status: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    microphone = "open" if status["hears"] else "none"
    yield "microphone", "muted" if status["muted"] else microphone
    yield "voice", f"volume {status['volume']} %" if status["speaks"] else "none"
    yield "devices", "connected" if status["broker"] else "the MQTT broker cannot be reached"
    yield from _language_model(status["language_model"])
    yield "timers", str(status["timers"])
    yield "alarms", str(status["alarms"])
    if status["ringing"]:
        yield "ringing", ", ".join(str(ring["text"]) for ring in status["ringing"])


def _language_model(status: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    state, told = status["state"], status["told"]
    yield "language model", told if told.startswith(state) else f"{state}: {told}"
    if status["model"]:
        yield "  memory", f"about {status['bytes_needed'] / 1e6:.0f} MB"
        yield "  adapter", status["adapter"] or "none"
    if status["server"]:
        yield "  server", f"{status['server']}: {status['server_told']}"
