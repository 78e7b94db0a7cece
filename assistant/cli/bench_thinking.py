"""`assistant bench`, the language model: actions warm and cold, chat beside llama.cpp's loop."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from assistant.config import Settings
from assistant.home.devices import Area, Device, Features
from assistant.llm.llama import LlamaModel
from assistant.llm.machine import resident_bytes
from assistant.llm.menu import Menu, wording
from assistant.llm.native import library
from assistant.llm.states import States
from assistant.llm.taught import LocalDecider
from assistant.llm.tier import load_language_model
from assistant.models import ModelStore

_REQUESTS = (
    "it's like a cave in here",
    "i could do with a bit of fresh air",
    "get the bedroom ready for sleep",
    "somebody left the kitchen light burning",
    "my feet are like ice",
    "what a lovely evening",
    "the sun is blinding me",
    "can you make it a little cosier",
    "that noise is driving me mad",
    "we are off to work now",
    "put something on while i cook",
    "is anybody out there",
    "my eyes hurt from all this brightness",
    "i want to read for a while",
    "it smells burnt in here",
    "the baby is asleep",
    "time for a film",
    "let some daylight in",
    "how hot is the oven",
    "never mind",
)
_ROOMS = ("kitchen", "living room", "bedroom", "study", "hallway", "bathroom")
_CHAT_TOKENS = 64
_ROUNDS = 3
_MB = 1024 * 1024


def home_of_thirty() -> tuple[list[Device], dict[str, Area]]:
    """Six rooms of five devices each."""
    devices = []
    for room in _ROOMS:
        lit = Features(brightness=True, color=True)
        devices += [
            Device(f"{room} ceiling", f"{room} ceiling light", "light", room, features=lit),
            Device(f"{room} lamp", f"{room} lamp", "light", room, features=lit),
            Device(f"{room} blind", f"{room} blind", "cover", room, device_class="blind"),
            Device(
                f"{room} heating", f"{room} heating", "climate", room,
                features=Features(temperature=(7.0, 30.0)),
            ),
            Device(f"{room} fan", f"{room} fan", "fan", room),
        ]  # fmt: skip
    return devices, {room: Area(room, room) for room in _ROOMS}


async def measure(settings: Settings) -> dict[str, Any]:
    """The figures of the configured model; `installed` False where there is none in English."""
    settings = settings.model_copy(update={"language": "en"})
    words = wording("en")
    store = ModelStore.from_settings(settings)
    if words is None or store.find("llm", engine="llama", language="en") is None:
        return {"installed": False}
    library()  # llama.cpp itself is not the model's memory
    before = resident_bytes() / _MB
    started = time.perf_counter()
    model = load_language_model(store, settings)
    if model is None:
        return {"installed": False}
    loaded_ms = (time.perf_counter() - started) * 1000
    devices, areas = home_of_thirty()
    menu = Menu(devices, areas, words)
    try:
        with tempfile.TemporaryDirectory(prefix="assistant-bench-") as folder:
            figures = _actions(model, menu, Path(folder))
        figures |= _chat(model)
        return {
            "installed": True,
            "model": model.path.name,
            "adapter": model.adapter.name if model.adapter else "",
            "threads": model.threads,
            "load_ms": round(loaded_ms, 1),
            "memory_mb": round(resident_bytes() / _MB - before, 1),
            **figures,
        }
    finally:
        model.close()


def _actions(model: LlamaModel, menu: Menu, folder: Path) -> dict[str, Any]:
    """What actions take: from nothing, with the home kept, and looked ahead at.

    Beside each request llama.cpp evaluates as many tokens alone, as `llama-bench -p` does.
    """
    cold_ms = _timed(lambda: LocalDecider(model, None).decide(menu, _REQUESTS[0], None, _never))
    states = States(folder)
    decider = LocalDecider(model, states)
    keep_ms = _timed(lambda: decider.keep(menu, _never))
    model.raw_ms(1)
    restore_ms = _timed(lambda: decider.keep(menu, _never))
    first, whole, ahead, raw, processor = [], [], [], [], []
    for number, said in enumerate(_REQUESTS):
        room = _ROOMS[number % len(_ROOMS)]
        prompt = menu.fixed + menu.request(said, room)
        raw.append(model.raw_ms(len(model.tokenize(menu.request(said, room))), at_once=True))
        for _ in range(2):  # the second finds the room's beginning kept, as in daily use
            decider.keep(menu, _never)
            decider.decide(menu, "something else", room, _never)
        model.complete("Something else.", max_tokens=1)
        began = time.process_time()
        first.append(_timed(partial(model.expect, prompt)))
        processor.append((time.process_time() - began) * 1000)
        ahead.append(_timed(partial(decider.decide, menu, said, room, _never)))
        model.complete("Something else.", max_tokens=1)
        whole.append(_timed(partial(decider.decide, menu, said, room, _never)))
    return {
        "devices": 30,
        "home_tokens": len(model.tokenize(menu.fixed)),
        "action_cold_ms": round(cold_ms, 1),
        "keep_ms": round(keep_ms, 1),
        "restore_ms": round(restore_ms, 1),
        "first_token_ms": _summary(first),
        "first_token_processor_ms": _summary(processor),
        "raw_request_ms": _summary(raw),
        "action_ms": _summary(whole),
        "action_ahead_ms": _summary(ahead),
    }


def _chat(model: LlamaModel) -> dict[str, Any]:
    """Tokens per second of an answer, and of llama.cpp's own loop with the same threads.

    The latter is what `llama-bench -p 0 -n 64` does (tools/llama-bench/llama-bench.cpp, test_gen):
    evaluate one token after another, without choosing or writing them. They take turns.
    """
    prompt = model.dialogue("You are a storyteller.", "Tell a long story about a lighthouse.")
    ours, theirs = [], []
    for _ in range(_ROUNDS):
        model.complete(prompt, max_tokens=1, adapted=False)
        started, pieces = time.perf_counter(), 0
        for _piece in model.stream(prompt, max_tokens=_CHAT_TOKENS, adapted=False):
            pieces += 1
        ours.append(pieces / (time.perf_counter() - started))
        theirs.append(model.raw_tokens_per_s(_CHAT_TOKENS))
    return {
        "chat_tokens_per_s": round(statistics.median(ours), 1),
        "raw_tokens_per_s": round(statistics.median(theirs), 1),
        "chat_share_pct": round(100 * statistics.median(ours) / statistics.median(theirs)),
    }


def _never() -> bool:
    return False


def _summary(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    late = ordered[round(0.95 * (len(ordered) - 1))]
    return {"p50": round(statistics.median(ordered), 1), "p95": round(late, 1)}


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def told(figures: dict[str, Any]) -> list[str]:
    """The figures in lines."""
    if not figures["installed"]:
        return ["language model: none is installed in English"]
    how = f"with {figures['adapter']}" if figures["adapter"] else "without an adapter"
    first, whole = figures["first_token_ms"], figures["action_ms"]
    raw, ahead = figures["raw_request_ms"], figures["action_ahead_ms"]
    processor = figures["first_token_processor_ms"]
    return [
        f"language model {figures['model']} {how}, up to {figures['threads']} threads, 30 devices:",
        f"  first token of an action {first['p50']:.0f} ms p50, {first['p95']:.0f} ms p95 with the "
        f"home kept (wanted: 150), {processor['p50']:.0f} ms of processor time; llama.cpp alone "
        f"takes {raw['p50']:.0f} ms for a whole request",
        f"  whole action {whole['p50']:.0f} ms p50, {whole['p95']:.0f} ms p95 (wanted: 300); "
        f"{ahead['p50']:.0f} ms where it was looked at in the silence after it",
        f"  cold: {figures['action_cold_ms']:.0f} ms with nothing kept; the home is kept in "
        f"{figures['keep_ms']:.0f} ms, after a restart in {figures['restore_ms']:.0f} ms",
        f"  chat {figures['chat_tokens_per_s']} tokens/s, {figures['chat_share_pct']} % of "
        f"llama.cpp's own {figures['raw_tokens_per_s']} (wanted: 70 %)",
        f"  memory {figures['memory_mb']} MB (wanted: 250), loaded in {figures['load_ms']:.0f} ms",
    ]
