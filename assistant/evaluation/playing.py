"""Evaluation room: plays cases to a household that sends nothing, with the real models."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.config import Settings
from assistant.errors import EvaluationError, ModelError
from assistant.evaluation.answers import AnswerFigures, judge_answers
from assistant.evaluation.cases import Case, Kind, check_devices
from assistant.evaluation.figures import Played
from assistant.evaluation.judging import is_guess, judge, what_came
from assistant.events import Event, Stage, StageEvent
from assistant.household import Household
from assistant.llm.goals import goal_data
from assistant.llm.machine import resident_bytes
from assistant.llm.tier import load_language_model
from assistant.models import ModelStore
from assistant.types import Request, Tier
from assistant.understanding.language import language_data

_MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Performance:
    """All cases as they went, and what that took."""

    played: tuple[Played, ...]
    resident_mb: float
    """Of the whole process, after the last case."""
    model_mb: float
    """What the process grew by since before the model was loaded."""


async def play(
    cases: Sequence[Case],
    settings: Settings,
    home_file: Path,
    *,
    templates: bool,
    progress: Callable[[Iterable[Case]], Iterable[Case]] = lambda cases: cases,
) -> Performance:
    """Put every case to a household in the home of `home_file`; nothing is sent, no state changes.

    Without `templates` the language model has to understand everything. Raises `HomeFileError`,
    and `EvaluationError` where the model cannot be used.
    """
    if not (templates or settings.llm.enabled):
        raise EvaluationError("Nothing is left to evaluate: llm.enabled is false")
    notices: list[str] = []

    def listen(event: Event) -> None:
        if isinstance(event, StageEvent) and event.stage is Stage.NOTICE:
            notices.append(event.text)

    household = Household(
        settings, home_file=home_file, dry=True, scratch=True, templates=templates,
        observers=(listen,),
    )  # fmt: skip
    await household.start()
    try:
        check_devices(cases, household.home)
        if templates:
            await household.conversation().understanding.prepare_to_guess()
        before_mb = resident_bytes() / _MB
        if settings.llm.enabled and await household.language_model() is None:
            raise EvaluationError(" ".join(notices) or "There is no language model to evaluate")
        played = []
        for case in progress(cases):
            request = Request(
                case.text, area=case.area, language=case.language, conversation=case.conversation
            )
            turn = await household.ask(request)
            agreed = None
            if is_guess(turn):
                agreed = await household.ask(
                    replace(request, text=language_data(turn.language).yes[0])
                )
            came = what_came(turn, household.home, agreed)
            took_ms = turn.timings_ms.get("understand", turn.timings_ms["turn"])
            played.append(Played(judge(case, came), took_ms))
        after_mb = resident_bytes() / _MB
    finally:
        await household.stop()
    return Performance(tuple(played), after_mb, after_mb - before_mb)


async def judged_answers(played: Sequence[Played], settings: Settings) -> dict[str, AnswerFigures]:
    """The figures of the language model's free answers: of "all", and of each of several languages.

    Fixed sentences that decline are none.
    Judged by the configured model without its adapter. Where there are too few answers, or only a
    server answers and no model here could judge, there are none. Raises `ModelError`.
    """
    pairs: dict[str, list[tuple[str, str]]] = {"all": []}
    for one in played:
        came = one.verdict.came
        data = goal_data(came.language)
        written = data is None or came.reply not in {data.declined, data.not_reckoned}
        if came.kind is Kind.CHAT and came.tier is Tier.LLM and written:
            for key in ("all", came.language):
                pairs.setdefault(key, []).append((one.verdict.case.text, came.reply))
    if len(pairs) == 2:
        del pairs[next(key for key in pairs if key != "all")]
    enough = {key: some for key, some in pairs.items() if len(some) > 1}
    return await asyncio.to_thread(_judged, enough, settings) if enough else {}


def _judged(
    pairs: Mapping[str, Sequence[tuple[str, str]]], settings: Settings
) -> dict[str, AnswerFigures]:
    try:
        model = load_language_model(ModelStore.from_settings(settings), settings)
    except ModelError:
        if settings.llm.server:
            return {}
        raise
    if model is None:
        return {}
    try:
        judged = {key: judge_answers(some, model) for key, some in pairs.items()}
    finally:
        model.close()
    return {key: figures for key, figures in judged.items() if figures is not None}
