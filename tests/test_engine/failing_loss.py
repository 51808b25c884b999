"""A loss that is not a number in the iterations that are named."""

import math

from mmagic.registry import MODELS
from mmengine.dist import get_rank
from torch import Tensor, nn


@MODELS.register_module()
class FailingLoss(nn.Module):

    def __init__(self, iterations: list[int], rank: int = 0) -> None:
        super().__init__()
        self.iterations = iterations
        self.rank = rank
        self.calls = 0

    def forward(self, restored: Tensor, clean: Tensor) -> Tensor:
        self.calls += 1
        loss = (restored - clean).square().mean()
        fails = self.calls in self.iterations and get_rank() == self.rank
        return loss * math.nan if fails else loss
