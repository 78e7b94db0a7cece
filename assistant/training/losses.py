"""The loss of knowledge distillation: L = α·L_hard + (1-α)·L_soft.

Hinton et al. 2015, arXiv:1503.02531. The teacher is the generator itself, which knows how right
each answer is; its distribution and the model's are both softened by the temperature.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch


@dataclass(frozen=True, slots=True)
class Losses:
    """The sum and its two terms, nats per token."""

    total: torch.Tensor
    hard: torch.Tensor
    soft: torch.Tensor


def losses(
    logits: torch.Tensor,
    hard: torch.Tensor,
    soft: Sequence[Mapping[int, float]],
    alpha: float,
    temperature: float,
) -> Losses:
    """`logits` (m, vocabulary) float32, `hard` (m,) int64, `soft` m shares by token.

    L_hard is the cross-entropy of the drawn answer. L_soft is T² times the Kullback-Leibler
    divergence of the model's softened distribution from the teacher's.
    """
    norm = torch.logsumexp(logits, dim=-1)
    drawn = (norm - logits.gather(1, hard[:, None])[:, 0]).mean()
    softened = norm if temperature == 1 else torch.logsumexp(logits / temperature, dim=-1)
    rows, tokens, shares = [], [], []
    for row, distribution in enumerate(soft):
        powers = {t: share ** (1 / temperature) for t, share in distribution.items()}
        total = sum(powers.values())
        for token, power in powers.items():
            rows.append(row)
            tokens.append(token)
            shares.append(power / total)
    q = torch.tensor(shares, dtype=logits.dtype, device=logits.device)
    log_p = logits[rows, tokens] / temperature - softened[rows]
    divergence = (q * (q.log() - log_p)).sum() / len(soft)
    taught = divergence * temperature**2
    return Losses(alpha * drawn + (1 - alpha) * taught, drawn, taught)
