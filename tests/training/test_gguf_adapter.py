"""An adapter leaves for llama.cpp and comes back, and a run goes on from it."""

import dataclasses
import importlib.util
import tomllib
from pathlib import Path

import numpy as np
import pytest

if importlib.util.find_spec("torch") is None:
    pytest.skip("torch is absent: pip install -e '.[train]'", allow_module_level=True)

import torch
from gguf import GGUFWriter

from assistant.config import Settings
from assistant.errors import ModelError
from assistant.llm.gguf import find_gguf
from assistant.models import ModelStore
from assistant.training import lora
from assistant.training.base import file_hash
from assistant.training.export import compare, export, recipe_text
from assistant.training.gguf_adapter import Heads, halves, read, rotary, write
from assistant.training.parents import begin_with
from assistant.training.train import Checkpoint, Way, newest, train
from assistant.training.train import Settings as Run
from tests.training.tiny import SETTINGS, run, tiny

pytestmark = pytest.mark.train

SHIPPED = Path("models/adapters/smollm2-135m-instruct-q4_1.en.adapter.gguf")
HEADS = Heads(4, 2)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """As much of a GGUF of the tiny model as is read of a base."""
    writer = GGUFWriter(str(tmp_path / "tiny.gguf"), "llama")
    writer.add_head_count(HEADS.queries)
    writer.add_head_count_kv(HEADS.keys)
    writer.add_tensor("blk.0.attn_norm.weight", np.ones(32, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return tmp_path / "tiny.gguf"


@pytest.fixture
def adapter(base: Path, tmp_path: Path) -> Path:
    """Of a run of six steps, with its recipe."""
    made = run(tmp_path / "first")
    to = tmp_path / "made.gguf"
    write(made.weights, made.settings.lora_alpha, base, to)
    to.with_suffix(".toml").write_text(recipe_text(made, base))
    return to


def test_rows_follow_llama_cpps_rotary_order_there_and_back() -> None:
    rows = np.arange(16, dtype=np.float32)[:, None]
    theirs = rotary(rows, heads=2)
    assert theirs[:8, 0].tolist() == [0, 4, 1, 5, 2, 6, 3, 7]
    assert halves(theirs, heads=2)[:, 0].tolist() == list(range(16))


def test_an_exported_adapter_is_read_back_to_the_precision_of_float16(
    base: Path, tmp_path: Path
) -> None:
    made = run(tmp_path / "run")
    write(made.weights, 32.0, base, tmp_path / "a.gguf")
    back, alpha = read(tmp_path / "a.gguf", HEADS)
    assert alpha == 32.0
    assert back.keys() == made.weights.keys()
    for name, value in made.weights.items():
        assert value.abs().max() > 0
        assert torch.equal(back[name], value.half().float()), name


def test_a_run_begins_with_the_matrices_of_its_parent_and_its_recipe_says_so(
    adapter: Path, base: Path, tmp_path: Path
) -> None:
    model = tiny()
    lora.put_on(model, SETTINGS.rank, SETTINGS.lora_alpha, SETTINGS.first_layer)
    parent = begin_with(adapter, model, SETTINGS.lora_alpha, "x")
    before = newest(tmp_path / "first")
    assert before is not None
    for name, value in lora.weights(model).items():
        assert torch.equal(value, before.weights[name].half().float())
    more = dataclasses.replace(SETTINGS, steps=3, rate=1e-9, seed=2)
    child = run(tmp_path / "second", more, begin=adapter)
    for name, value in child.weights.items():
        assert torch.allclose(value, before.weights[name], atol=1e-3)
    about = tomllib.loads(recipe_text(child, base))["parent"]
    assert about == {
        "sha256": file_hash(adapter), "steps_done": 6, "data_sha256": before.data_hash,
    }  # fmt: skip
    assert dataclasses.asdict(parent) == about


def test_a_run_with_a_parent_that_was_cut_off_ends_as_one_that_was_not(
    adapter: Path, tmp_path: Path
) -> None:
    whole = run(tmp_path / "whole", begin=adapter)
    run(tmp_path / "cut", begin=adapter)
    (tmp_path / "cut/step-0000006.pt").unlink()
    resumed = run(tmp_path / "cut")
    assert resumed.parent == whole.parent
    for name, value in whole.weights.items():
        assert torch.allclose(value, resumed.weights[name], atol=1e-6)


def test_a_run_is_not_gone_on_with_as_the_child_of_another(adapter: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="did not begin with"):
        run(tmp_path / "first", begin=adapter)


@pytest.mark.parametrize(
    ("change", "says"),
    [({"rank": 8}, "rank 4, .* this run rank 8"), ({"first_layer": 0}, "layers 1 to 1.* 0 to 1")],
)
def test_an_adapter_of_another_shape_is_refused(
    adapter: Path, tmp_path: Path, change: dict[str, int], says: str
) -> None:
    with pytest.raises(ModelError, match=says):
        run(tmp_path / "other", dataclasses.replace(SETTINGS, **change), begin=adapter)


def test_an_adapter_of_another_base_is_refused(adapter: Path, tmp_path: Path) -> None:
    recipe = adapter.with_suffix(".toml")
    recipe.write_text(recipe.read_text().replace('base_sha256 = "x"', 'base_sha256 = "y"'))
    with pytest.raises(ModelError, match=r"another base, tiny\.gguf"):
        run(tmp_path / "other", begin=adapter)


def test_an_adapter_without_a_recipe_a_damaged_one_and_a_missing_one_are_refused(
    adapter: Path, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match="does not exist"):
        run(tmp_path / "other", begin=tmp_path / "none.gguf")
    whole = adapter.read_bytes()
    for part in (0.1, 0.6, 0.999):
        adapter.write_bytes(whole[: int(len(whole) * part)])
        with pytest.raises(ModelError, match="damaged"):
            run(tmp_path / "other", begin=adapter)
    adapter.with_suffix(".toml").unlink()
    with pytest.raises(ModelError, match="only a recipe says"):
        run(tmp_path / "other", begin=adapter)


@pytest.mark.engine
def test_the_shipped_adapter_means_the_same_in_torch_and_a_run_begins_with_it(
    tmp_path: Path,
) -> None:
    """Were the rows of queries and keys in the wrong order, the two would lie nats apart."""
    file = find_gguf(ModelStore.from_settings(Settings()).require("llm", language="en").path)
    about = tomllib.loads(SHIPPED.with_suffix(".toml").read_text())
    shape = Run(str(file), **{k: v for k, v in about["settings"].items() if k != "steps"}, steps=1)
    weights, alpha = read(SHIPPED, Heads(9, 3))
    assert alpha == shape.lora_alpha
    shipped = Checkpoint(shape, 1, weights, {}, "", about["base_sha256"], 0.0, 0.0)
    assert compare(shipped, file, SHIPPED) < 0.15
    settings = dataclasses.replace(shape, per_home=2, rate=1e-9)
    train(settings, tmp_path / "run", Way(begin=SHIPPED, threads=1, compiled=False))
    lines = list(export(file, tmp_path / "run", tmp_path / "a.gguf", note="", check=False))
    assert "step 1" in lines[0]
    again, _ = read(tmp_path / "a.gguf", Heads(9, 3))
    assert all(torch.allclose(again[name], value, atol=1e-3) for name, value in weights.items())
    recipe = tomllib.loads((tmp_path / "a.toml").read_text())
    assert recipe["parent"]["data_sha256"] == about["data_sha256"]
