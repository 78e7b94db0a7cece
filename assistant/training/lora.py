"""Low-rank adapters on a model's linear layers (Hu et al. 2021, arXiv:2106.09685), by hand.

peft would do the same with a hundred times the code; what llama.cpp reads is only A, B and alpha.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import nn

TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


class Lora(nn.Module):  # type: ignore[misc, unused-ignore]
    """A frozen linear layer plus `alpha / rank * B(A(x))`; B begins at zero, so nothing changes."""

    def __init__(self, layer: nn.Linear, rank: int, alpha: float) -> None:
        """Wrap `layer`, which is not trained any more."""
        super().__init__()
        self.layer = layer
        self.scale = alpha / rank
        self.a = nn.Parameter(torch.empty(rank, layer.in_features))
        self.b = nn.Parameter(torch.zeros(layer.out_features, rank))
        nn.init.kaiming_uniform_(self.a, a=math.sqrt(5))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The layer's output and the adapter's, `(..., out_features)`."""
        added = (x @ self.a.to(x.dtype).T) @ self.b.to(x.dtype).T
        out: torch.Tensor = self.layer(x) + added * self.scale
        return out


def put_on(model: nn.Module, rank: int, alpha: float, first_layer: int) -> list[nn.Parameter]:
    """Freeze the model and adapt the linear layers of its blocks from the `first_layer`th on."""
    model.requires_grad_(False)
    for name, layer in list(_targets(model)):
        if _block(name) >= first_layer:
            parent, _, own = name.rpartition(".")
            device = layer.weight.device
            setattr(model.get_submodule(parent), own, Lora(layer, rank, alpha).to(device))
    return [p for p in model.parameters() if p.requires_grad]


def weights(model: nn.Module) -> dict[str, torch.Tensor]:
    """By `model.layers.N.….q_proj.a` (or `.b`), the adapter's matrices, float32."""
    return {
        f"{name}.{part}": getattr(module, part).detach().float().cpu()
        for name, module in model.named_modules()
        if isinstance(module, Lora)
        for part in ("a", "b")
    }


def load(model: nn.Module, saved: dict[str, torch.Tensor]) -> None:
    """Put saved matrices back. Raises `KeyError` where the adapter is of another shape."""
    modules = dict(model.named_modules())
    with torch.no_grad():
        for name, value in saved.items():
            owner, _, part = name.rpartition(".")
            getattr(modules[owner], part).copy_(value)


def _targets(model: nn.Module) -> Iterator[tuple[str, nn.Linear]]:
    for name, module in model.named_modules():
        if isinstance(module, nn.Linear) and name.rpartition(".")[2] in TARGETS:
            yield name, module


def _block(name: str) -> int:
    return next(int(part) for part in name.split(".") if part.isdigit())
