"""`assistant models recommend`: which language model this machine should have, and why."""

from __future__ import annotations

import argparse
import statistics

from assistant.config import Settings
from assistant.errors import AssistantError
from assistant.llm.machine import available_memory, usable_cores
from assistant.llm.recommending import Fit, bandwidth, fits, pick
from assistant.llm.tier import find_adapter, load_language_model
from assistant.models import ModelStore

_TOKENS, _ROUNDS = 16, 3


def recommend(args: argparse.Namespace, settings: Settings) -> int:
    """Print the language models with what they need and give; 1 where none fits."""
    from rich.table import Table

    from assistant.cli.tables import wide_console

    del args
    store = ModelStore.from_settings(settings)
    entries = [e for e in store.manifest if e.task == "llm" and e.speaks(settings.language)]
    free, cores = available_memory(), usable_cores()
    read = bandwidth(cores)
    taught = {e.name for e in entries if find_adapter(store, settings, e.name) is not None}
    installed = {model.name for model in store.installed()}
    found = fits(
        entries, free=free, bytes_per_s=read, reads_per_s=_measured(store, settings),
        taught=taught, installed=installed,
    )  # fmt: skip
    chosen = pick(found)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("", "model", "size", "needs memory", "tokens/s", "a command in", "taught", ""):
        right = column in {"size", "needs memory", "tokens/s", "a command in"}
        table.add_column(column, justify="right" if right else "left", overflow="fold")
    for fit in found:
        table.add_row(
            "→" if fit is chosen else "", fit.name, _megabytes(fit.size), _megabytes(fit.needs),
            "?" if fit.tokens_per_s is None else f"{fit.tokens_per_s:.0f}",
            "?" if fit.action_s is None else f"{fit.action_s:.1f} s",
            "yes" if fit.taught else "", fit.why_not or ("installed" if fit.installed else ""),
        )  # fmt: skip
    console = wide_console()
    console.print(table)
    console.print(
        f"\n{_megabytes(free)} of memory are free; {cores} cores read {read / 1e9:.1f} GB/s just "
        "now. All but the size is estimated."
    )
    console.print(_reason(chosen))
    return 0 if chosen is not None else 1


def _measured(store: ModelStore, settings: Settings) -> float | None:
    """Bytes of a model times tokens of a request that are read in a second, by one that is here."""
    try:
        model = load_language_model(store, settings)
    except AssistantError:
        return None
    if model is None:
        return None
    try:
        took_ms = statistics.median(model.raw_ms(_TOKENS, at_once=True) for _ in range(_ROUNDS))
        return model.path.stat().st_size * _TOKENS / took_ms * 1000
    finally:
        model.close()


def _reason(chosen: Fit | None) -> str:
    if chosen is None:
        return "None fits: set llm.enabled = false, or llm.server to a bigger machine's."
    why = (
        "it was taught the commands of a home, so that it may act; the others only ask"
        if chosen.taught
        else "the best of the list that fits and is fast enough"
    )
    then = "" if chosen.installed else f"; fetch it with `assistant models fetch {chosen.name}`"
    return f"{chosen.name}: {why}{then}."


def _megabytes(size: int | None) -> str:
    return "?" if size is None else f"{size / 1e6:,.0f} MB"
