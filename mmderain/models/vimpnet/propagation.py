"""One direction of the recurrence over a clip."""

import torch
from mmagic.models.editors.basicvsr.basicvsr_net import (
    ResidualBlocksWithInputConv,
)
from torch import Tensor, nn

from mmderain.models.vimpnet.deformable_alignment import FlowGuidedAlignment
from mmderain.models.vimpnet.layers import warp_in_float32


class PropagationBranch(nn.Module):
    """Carries features through a clip, forwards or backwards in time.

    Args:
        channels: Channels of a feature map.
        context_maps: How many feature maps of a frame the backbone sees
            beside the propagated one.
        num_blocks: Residual blocks of the backbone.
        deform_groups: See :class:`FlowGuidedAlignment`.
        max_residue_magnitude: See :class:`FlowGuidedAlignment`.
    """

    def __init__(self, channels: int, context_maps: int, num_blocks: int,
                 deform_groups: int, max_residue_magnitude: float) -> None:
        super().__init__()
        self.alignment = FlowGuidedAlignment(
            channels, deform_groups, max_residue_magnitude)
        self.backbone = ResidualBlocksWithInputConv(
            (context_maps + 1) * channels, channels, num_blocks)

    def forward(self, maps: list[Tensor], flows: Tensor, streak_maps: Tensor,
                backward: bool) -> Tensor:
        """Propagate.

        Args:
            maps: The frames' features and further maps for the backbone, each
                (t, n, c, h, w).
            flows: Shape (t - 1, n, 2, h, w); the j-th lies between the frames
                j and j + 1 and points to the frame that is visited first.
            streak_maps: Shape (t, n, 1, h, w).
            backward: Whether to begin with the last frame.

        Returns:
            Tensor: Shape (t, n, c, h, w), in the order of the frames.
        """
        features = maps[0]
        order = list(range(len(features)))
        if backward:
            order.reverse()
        done: list[Tensor] = []
        flow_before = None
        for index in order:
            if done:
                # Flow j also picks the streak map. So the forward branch sees
                # that of the frame before: the released weights expect it.
                j = index if backward else index - 1
                previous, to_previous = [done[-1]], [flows[j]]
                if len(done) > 1:
                    previous.append(done[-2])
                    to_previous.append(
                        flows[j] + warp_in_float32(flow_before, flows[j]))
                propagated = self.alignment(
                    previous, features[index], to_previous, streak_maps[j])
                flow_before = flows[j]
            else:
                propagated = torch.zeros_like(features[index])
            context = [frame_map[index] for frame_map in maps]
            done.append(propagated + self.backbone(
                torch.cat([*context, propagated], dim=1)))
        if backward:
            done.reverse()
        return torch.cat(done).unflatten(0, (len(done), -1))
