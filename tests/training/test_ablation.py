"""Two runs of the installed model's lowest layers, with different α, in one table."""

import ctypes
import dataclasses
import importlib.util
import os
from pathlib import Path

import pytest

if importlib.util.find_spec("torch") is None:
    pytest.skip("torch is absent: pip install -e '.[train]'", allow_module_level=True)

from assistant.config import Settings as Household
from assistant.errors import ConfigError, ModelError
from assistant.llm.gguf import find_gguf
from assistant.llm.native import library
from assistant.models import ModelStore
from assistant.training.__main__ import main
from assistant.training.ablation import ablation, mean_losses
from assistant.training.generator.examples import packs
from assistant.training.train import Settings, Way, newest, read
from tests.training.tiny import Bytes, tiny

pytestmark = pytest.mark.train
WAY = Way(save_every=1, threads=1, compiled=False)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two lowest of the installed model's thirty layers."""
    file = find_gguf(ModelStore.from_settings(Household()).require("llm", language="en").path)
    to = tmp_path_factory.mktemp("base") / "low.gguf"
    c = library()
    parameters = c.llama_model_quantize_default_params()
    parameters.ftype, parameters.allow_requantize = c.LLAMA_FTYPE_MOSTLY_Q4_1, True
    pruned = (ctypes.c_int32 * 29)(*range(2, 30), -1)
    parameters.prune_layers = ctypes.cast(pruned, ctypes.POINTER(ctypes.c_int32))
    assert not c.llama_model_quantize(os.fsencode(file), os.fsencode(to), ctypes.byref(parameters))
    return to


@pytest.fixture
def settings(base: Path) -> Settings:
    return Settings(
        str(base), steps=2, per_home=6, rank=4, first_layer=1, dtype="float32", rate=0.01
    )


def test_the_losses_of_held_out_packs_are_means_over_tokens() -> None:
    model = tiny()
    first, second = (next(packs(5, start=at, per_home=3, held_out=True)) for at in (0, 1))
    both = mean_losses(model, Bytes(), [first, second], 1.0)
    assert both == mean_losses(model, Bytes(), [first, second], 1.0)
    alone = mean_losses(model, Bytes(), [first], 1.0)
    assert alone[0] != both[0]
    assert 4 < both[0] < 7
    assert 0 < both[1] <= both[0] + 0.2
    assert mean_losses(model, Bytes(), [first], 2.0)[0] == pytest.approx(alone[0])
    assert mean_losses(model, Bytes(), [first], 2.0)[1] != pytest.approx(alone[1], rel=0.01)


@pytest.mark.engine
def test_each_alpha_is_trained_on_the_same_and_measured_and_what_was_cut_off_goes_on(
    settings: Settings, tmp_path: Path
) -> None:
    lines = list(ablation(settings, [0.0, 1.0], tmp_path, WAY, n=3))
    assert (tmp_path / "ablation.md").read_text().splitlines() == lines
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines[2:4]]
    assert [row[0] for row in rows] == ["0", "1"]
    assert all(0 < float(row[1]) < 30 and 0 < float(row[2]) < 30 for row in rows)
    assert rows[0][1:3] != rows[1][1:3]
    assert all(row[3].endswith("%") and row[4].endswith("%") for row in rows)
    text = "\n".join(lines)
    assert "T = 1. 2 steps of 6 requests for each α, from the same start (the base alone)" in text
    assert "3 requests in phrasings never trained" in text
    soft, hard = (newest(tmp_path / name) for name in ("alpha-0", "alpha-1"))
    assert soft is not None
    assert hard is not None
    assert soft.data_hash == hard.data_hash
    (tmp_path / "alpha-1/step-0000002.pt").unlink()
    before = (tmp_path / "alpha-0/step-0000002.pt").stat().st_mtime_ns
    again = list(ablation(settings, [0.0, 1.0], tmp_path, WAY, n=3))
    assert again == lines
    assert (tmp_path / "alpha-0/step-0000002.pt").stat().st_mtime_ns == before
    assert read(tmp_path / "alpha-1/step-0000002.pt").settings.alpha == 1

    with pytest.raises(ModelError, match=r"alpha-0 holds a run of another steps, temperature"):
        other = dataclasses.replace(settings, steps=3, temperature=2.0)
        list(ablation(other, [0.0], tmp_path, WAY, n=3))


def test_what_is_no_weight_is_told(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ConfigError, match="from 0 to 1"):
        list(ablation(settings, [0.5, 1.5], tmp_path, WAY, n=3))
    assert main(["ablation", "--base", settings.base, "--alphas", "0,half"]) == 1
    assert "--alphas wants numbers such as 0,0.5,1, not 0,half" in capsys.readouterr().err
