"""`python -m assistant.training`: make the data, train, export and measure an adapter."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import AssistantError, ConfigError
from assistant.training.generator.examples import UNSEEN

if TYPE_CHECKING:
    from assistant.training.train import Settings, Way

_DESCRIPTION = """Teach a small language model to say wishes as plain commands of the home.

  python -m assistant.training generate --n 200 --show    look at what it is taught
  python -m assistant.training train --base MODEL.gguf    hours on two CPU cores, minutes on a GPU
  python -m assistant.training train --base MODEL.gguf --folder more --seed 2 --from ADAPTER.gguf
                                                          go on from an adapter that is there
  python -m assistant.training ablation --base MODEL.gguf --alphas 0,0.5,1 --steps 200
                                                          which weight of the two losses is best
  python -m assistant.training export --base MODEL.gguf --to MODEL.en.adapter.gguf
                                                          the newest checkpoint, for llama.cpp
  python -m assistant.training evaluate --base MODEL.gguf --adapter ADAPTER.gguf --show
                                                          how many are right, and which are not
  python -m assistant.training compare --base MODEL.gguf --adapter ADAPTER.gguf
                                                          base, adapter, quantizations: one table

It needs an environment of its own: pip install -e '.[train]'   (docs/training.md)"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one of the commands; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m assistant.training",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _generate_options(commands.add_parser("generate", help="make requests, show them, count them"))
    _train_options(commands.add_parser("train", help="train, going on where it was cut off"))
    _ablation_options(commands.add_parser("ablation", help="train with several alphas, one table"))
    _export_options(commands.add_parser("export", help="write a checkpoint as a GGUF adapter"))
    _evaluate_options(commands.add_parser("evaluate", help="measure on unseen homes and phrasings"))
    _compare_options(commands.add_parser("compare", help="base, adapter, quantizations: one table"))
    args = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stdout)
    for talkative in ("httpx", "gguf"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    try:
        status: int = args.run(args)
    except AssistantError as error:
        print(f"training: {error}", file=sys.stderr)
        return 1
    return status


def _generate_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--n", type=int, default=200, help="requests (default 200)")
    parser.add_argument("--seed", type=int, default=1, help="default 1")
    parser.add_argument("--language", default="en", help="default en")
    parser.add_argument("--held-out", action="store_true", help="phrasings that are never trained")
    parser.add_argument("--show", action="store_true", help="print them, most right answer first")
    parser.set_defaults(run=_generate)


def _generate(args: argparse.Namespace) -> int:
    from assistant.training.evaluate import some
    from assistant.training.generator.report import shown, summary

    made = some(args.seed, args.language, args.n, args.held_out)
    if args.show:
        print("\n".join(shown(made)))
    print("\n".join(summary(made)))
    return 0


def _train_options(parser: argparse.ArgumentParser) -> None:
    _run_options(parser, folder="train", steps=3000)
    parser.add_argument(
        "--alpha", type=float, default=0.5, help="weight of L_hard; 1-alpha of L_soft (default 0.5)"
    )
    parser.set_defaults(run=_train)


def _train(args: argparse.Namespace) -> int:
    _needs_torch()
    from assistant.training.train import train

    train(_settings(args, args.alpha), args.folder, _way(args))
    return 0


def _ablation_options(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "L = alpha*L_hard + (1-alpha)*L_soft: train one run for each alpha from the same start on "
        "the same data, each in a sub-folder, and measure all on phrasings never trained. Started "
        "again, it goes on. The table is written to ablation.md in the folder too."
    )
    _run_options(parser, folder="ablation", steps=200)
    add = parser.add_argument
    add("--alphas", default="0,0.5,1", metavar="ALPHA,…", help="default %(default)s")
    add("--n", type=int, default=200, help="requests to measure with (default 200)")
    parser.set_defaults(run=_ablation)


def _ablation(args: argparse.Namespace) -> int:
    _needs_torch()
    from assistant.training.ablation import ablation

    try:
        alphas = [float(alpha) for alpha in args.alphas.split(",")]
    except ValueError as error:
        raise ConfigError(f"--alphas wants numbers such as 0,0.5,1, not {args.alphas}") from error
    settings = _settings(args, alpha=alphas[0])
    for line in ablation(settings, alphas, args.folder, _way(args), n=args.n):
        print(line)
    return 0


def _run_options(parser: argparse.ArgumentParser, *, folder: str, steps: int) -> None:
    add = parser.add_argument
    add("--base", type=Path, required=True, help="GGUF file (train: or folder with safetensors)")
    add("--folder", type=Path, default=Path(folder), help="for checkpoints (default: %(default)s)")
    add(
        "--from", dest="begin", type=Path, metavar="ADAPTER.gguf",
        help="begin with this adapter of the same base, rank and layers, its recipe beside it; "
        "with its own --seed the homes it has seen come again",
    )  # fmt: skip
    add("--language", default="en", help="default en")
    add(
        "--steps",
        type=int,
        default=steps,
        help="a home with its requests each (default %(default)s)",
    )
    add("--seed", type=int, default=1, help="default 1")
    add("--rate", type=float, default=1e-3, help="highest learning rate (default 0.001)")
    add("--temperature", type=float, default=1.0, help="of L_soft (default 1)")
    add("--rank", type=int, default=16, help="of the adapter (default 16)")
    add("--first-layer", type=int, default=10, help="layers below are left alone (default 10)")
    add("--per-home", type=int, default=16, help="requests a step (default 16)")
    add(
        "--dtype", choices=("bfloat16", "float32"), default="bfloat16", help="of the base's weights"
    )
    add("--threads", type=int, default=0, help="0: as torch chooses")
    add("--no-compile", action="store_true", help="do without torch.compile, where no g++ is there")
    add("--save-every", type=int, default=50, help="steps between checkpoints (default 50)")


def _settings(args: argparse.Namespace, alpha: float) -> Settings:
    from assistant.training.train import Settings

    return Settings(
        base=str(args.base), language=args.language, seed=args.seed, steps=args.steps,
        per_home=args.per_home, rate=args.rate, alpha=alpha, temperature=args.temperature,
        rank=args.rank, first_layer=args.first_layer, dtype=args.dtype,
    )  # fmt: skip


def _way(args: argparse.Namespace) -> Way:
    from assistant.training.train import Way

    return Way(args.save_every, args.begin, args.threads, compiled=not args.no_compile)


def _export_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--base", type=Path, required=True, help="the GGUF that was trained on")
    add("--folder", type=Path, default=Path("train"), help="of the checkpoints (default: train)")
    add("--to", type=Path, required=True, help="the adapter, ….gguf; its recipe lies beside it")
    add("--note", default="", help="one sentence for the recipe")
    add("--no-check", action="store_true", help="do not compare torch and llama.cpp")
    parser.set_defaults(run=_export)


def _export(args: argparse.Namespace) -> int:
    _needs_torch()
    from assistant.training.export import export

    for line in export(args.base, args.folder, args.to, note=args.note, check=not args.no_check):
        print(line)
    return 0


def _asking_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--base", type=Path, required=True, help="GGUF")
    add("--adapter", type=Path, help="GGUF; without: the base alone")
    add("--n", type=int, default=200, help="requests of each of the two sets (default 200)")
    add("--seed", type=int, default=UNSEEN, help="of homes never trained on (default %(default)s)")
    add("--language", default="en", help="default en")
    add("--threads", type=int, default=0, help="0: all cores that are free")


def _evaluate_options(parser: argparse.ArgumentParser) -> None:
    _asking_options(parser)
    parser.add_argument("--show", action="store_true", help="print what went wrong")
    parser.set_defaults(run=_evaluate)


def _evaluate(args: argparse.Namespace) -> int:
    from assistant.training.evaluate import Answering, some, table

    with Answering(args.base, args.adapter, args.threads) as model:
        for name, held_out in (("phrasings trained on", False), ("phrasings never trained", True)):
            made = some(args.seed, args.language, args.n, held_out)
            print("\n".join(table(name, model.answer_all(made), show=args.show)))
    return 0


def _compare_options(parser: argparse.ArgumentParser) -> None:
    _asking_options(parser)
    add = parser.add_argument
    add(
        "--quantizations", default="f16,q8_0,q4_1,q4_0,q3_k_m", metavar="KIND,…",
        help="to make of the base, in a temporary folder (default %(default)s)",
    )  # fmt: skip
    parser.set_defaults(run=_compare)


def _compare(args: argparse.Namespace) -> int:
    from assistant.training.compare import Asking, compare

    asking = Asking(args.n, args.seed, args.language, args.threads)
    kinds = [kind.strip().lower() for kind in args.quantizations.split(",") if kind.strip()]
    for line in compare(args.base, args.adapter, kinds, asking):
        print(line)
    return 0


def _needs_torch() -> None:
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise ConfigError(
            "training needs torch: make an environment of its own and run pip install -e '.[train]'"
        ) from error


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that temporary folders go
    sys.exit(main())
