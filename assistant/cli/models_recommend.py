"""`assistant models recommend`: which language model this machine should have, and why."""

from __future__ import annotations

import argparse

from assistant.config import Settings
from assistant.llm.machine import available_memory, usable_cores
from assistant.llm.recommending import Fit, bandwidth, fits, pick
from assistant.llm.tier import find_adapter
from assistant.models import ModelStore


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
    found = fits(entries, free=free, bytes_per_s=read, taught=taught, installed=installed)
    chosen = pick(found)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("", "model", "size", "needs memory", "tokens/s", "taught", ""):
        right = column in {"size", "needs memory", "tokens/s"}
        table.add_column(column, justify="right" if right else "left", overflow="fold")
    for fit in found:
        table.add_row(
            "→" if fit is chosen else "", fit.name, _megabytes(fit.size), _megabytes(fit.needs),
            "?" if fit.tokens_per_s is None else f"{fit.tokens_per_s:.0f}",
            "yes" if fit.taught else "", fit.why_not or ("installed" if fit.installed else ""),
        )  # fmt: skip
    console = wide_console()
    console.print(table)
    console.print(
        f"\n{_megabytes(free)} of memory are free; {cores} cores read {read / 1e9:.1f} GB/s just "
        "now. Memory and tokens/s are estimates."
    )
    console.print(_reason(chosen))
    return 0 if chosen is not None else 1


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
