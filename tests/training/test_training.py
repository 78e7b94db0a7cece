"""A few steps of training on a tiny model of random weights, and its adapter."""

import dataclasses
import importlib.util
import tomllib
from pathlib import Path
from random import Random

import numpy as np
import pytest

if importlib.util.find_spec("torch") is None:
    pytest.skip("torch is absent: pip install -e '.[train]'", allow_module_level=True)

import torch

from assistant.errors import ModelError
from assistant.training import lora
from assistant.training.batches import batch, continuations
from assistant.training.export import recipe_text
from assistant.training.generator.examples import Pack, packs
from assistant.training.losses import losses
from assistant.training.train import answer_logits, learning_rate, newest, read
from tests.training.tiny import SETTINGS, Bytes, run, tiny

pytestmark = pytest.mark.train


def test_a_request_behind_others_is_seen_as_if_it_were_alone() -> None:
    model, pack = tiny(), next(packs(3, per_home=3))
    together = batch(pack, Bytes(), Random(1))
    rows = answer_logits(model, together)
    last = Pack(pack.home, pack.examples[2:])
    alone = answer_logits(model, batch(last, Bytes(), Random(1)))
    start = int(together.starts[2])
    assert torch.allclose(rows[start : start + 3], alone[:3], atol=1e-4)


def test_a_run_that_was_cut_off_ends_as_one_that_was_not(tmp_path: Path) -> None:
    whole = run(tmp_path / "whole")
    schedule = dataclasses.replace(SETTINGS, steps=6)
    cut = tmp_path / "cut"
    run(cut, schedule)
    (cut / "step-0000006.pt").unlink()
    assert newest(cut).step == 4  # type: ignore[union-attr]
    resumed = run(cut, schedule)
    assert resumed.data_hash == whole.data_hash
    for name, value in whole.weights.items():
        assert torch.allclose(value, resumed.weights[name], atol=1e-6)


def test_training_lowers_the_loss_and_leaves_the_lower_layers_alone(tmp_path: Path) -> None:
    begun = run(tmp_path / "begun", dataclasses.replace(SETTINGS, steps=1))
    done = run(tmp_path / "done", dataclasses.replace(SETTINGS, steps=40))
    assert done.hard < begun.hard - 0.05
    assert {name.split(".")[2] for name in done.weights} == {"1"}


def test_another_adapter_is_not_gone_on_with(tmp_path: Path) -> None:
    run(tmp_path)
    with pytest.raises(ModelError, match="rank"):
        run(tmp_path, dataclasses.replace(SETTINGS, rank=8))


def test_half_a_checkpoint_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "step-0000001.pt").write_bytes(b"half")
    with pytest.raises(ModelError, match="not a whole checkpoint"):
        read(tmp_path / "step-0000001.pt")


def test_the_rate_warms_up_and_falls() -> None:
    settings = dataclasses.replace(SETTINGS, steps=300)
    rates = [learning_rate(step, settings) for step in range(300)]
    assert rates[0] < rates[29] == max(rates)
    assert rates[29:] == sorted(rates[29:], reverse=True)
    assert rates[-1] < 0.06 * max(rates)


def test_the_soft_targets_are_how_right_answers_go_on() -> None:
    ways = [([1, 2, 9], 0.5), ([1, 3, 9], 0.25), ([4, 9], 0.25)]
    assert continuations(ways, [1, 3, 9]) == [
        {1: 0.75, 4: 0.25}, {2: pytest.approx(2 / 3), 3: pytest.approx(1 / 3)}, {9: 1.0},
    ]  # fmt: skip


def test_alpha_weighs_the_two_terms_and_no_loss_is_left_when_all_is_known() -> None:
    logits = torch.log(torch.tensor([[0.5, 0.5, 1e-9], [1e-9, 1e-9, 1.0]]))
    soft = ({0: 0.5, 1: 0.5}, {2: 1.0})
    found = losses(logits, torch.tensor([0, 2]), soft, 0.3, 1.0)
    assert float(found.soft) == pytest.approx(0, abs=1e-5)
    assert float(found.hard) == pytest.approx(np.log(2) / 2, abs=1e-5)
    assert float(found.total) == pytest.approx(0.3 * float(found.hard), abs=1e-5)
    softened = losses(logits, torch.tensor([0, 2]), soft, 0.0, 2.0)
    assert float(softened.total) == pytest.approx(0, abs=1e-2)


def test_an_adapter_begins_as_nothing() -> None:
    model = tiny()
    asked = torch.tensor([[1, 2, 3]])
    before = model(asked).logits
    lora.put_on(model, 4, 8.0, 0)
    assert torch.equal(before, model(asked).logits)


def test_the_recipe_says_what_the_adapter_was_made_from(tmp_path: Path) -> None:
    about = tomllib.loads(recipe_text(run(tmp_path), Path("tiny.gguf")))
    assert about["steps_done"] == 6
    assert about["requests_seen"] == 18
    assert about["settings"]["alpha"] == 0.5
    assert len(about["data_sha256"]) == 64
