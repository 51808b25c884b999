"""ViMP-Net, the whole network."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from mmagic.models.editors.basicvsr.basicvsr_net import (
    ResidualBlocksWithInputConv,
)
from mmagic.registry import MODELS
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmderain.models.vimpnet.dual_transformer import (
    RaindropTransformer,
)
from mmderain.models.vimpnet.layers import MapHead
from mmderain.models.vimpnet.propagation import PropagationBranch
from mmderain.models.vimpnet.reconstruction import Reconstruction
from mmderain.models.vimpnet.spynet import SPyNet


class ViMPNetOutput(NamedTuple):
    """What :class:`ViMPNet` returns; nothing is clipped.

    Args:
        restored: Without rain, (n, t, 3, h, w), RGB.
        streak_free: First stage, raindrops left, (n, t, 3, h, w), RGB.
        drop_mask: Where raindrops are, (n, t, 1, h, w), in [0, 1].
        streak_map: Brightness of the streaks, (n, t, 1, h, w).
    """

    restored: Tensor
    streak_free: Tensor
    drop_mask: Tensor
    streak_map: Tensor


class EncodedFrames(NamedTuple):
    """What :meth:`ViMPNet.encode` finds about frames.

    Args:
        features: Of each frame, (n, mid_channels, h/4, w/4).
        to_next: Flow from the frame before to this one, (n, 2, h/4, w/4).
        to_previous: Flow from this frame to the one before, the same.
    """

    features: Tensor
    to_next: Tensor
    to_previous: Tensor


@MODELS.register_module()
class ViMPNet(BaseModule):
    """Removes rain streaks and raindrops from a clip.

    "Mask-Guided Progressive Network for Joint Raindrop and Rain Streak
    Removal in Videos", Wu et al., ACM MM 2023 (doi 10.1145/3581783.3612001);
    official code: github.com/TonyHongtaoWu/ViMP-Net. The defaults are the
    released network; its checkpoint needs no file for SPyNet.

    Differs from the official code:

    * Any height and width that 4 divides, from 4 pixels on, any number of
      frames, and several clips at once: the official code wants 256 pixels
      and one clip.
    * Both optical flows are always computed. The official code looks for
      clips whose second half mirrors the first, and once it has seen one it
      reuses the flows of one direction for every later clip: a bug.
    * Convolutions over space alone are 2-D, and those over time as well are
      computed as 2-D ones: equal results, but faster.
    * The deformable convolution is torchvision's instead of mmcv's: equal,
      without anything to compile.
    * SPyNet's file is loaded by ``init_weights``, not by the constructor.

    Args:
        mid_channels: Channels of the features; a multiple of 8.
        num_blocks: Residual blocks of each direction of the recurrence.
        extraction_blocks: Residual blocks of the feature extractor.
        reconstruction_blocks: Residual blocks of the reconstruction.
        deform_groups: Groups of channels with offsets of their own; even.
        max_residue_magnitude: Largest learned offset beside the flow, pixels.
        spynet_channels: Of the four inner layers of SPyNet's levels.
        spynet_pretrained: Path or URL of SPyNet's weights to start from.
        encoder_channels: Of the three layers of the raindrop encoders; the
            first two multiples of 4.
        token_patch: Kernel size, stride and padding of the token patches.
        transformer_channels: Channels of a token.
        transformer_heads: Heads of the attention.
        transformer_ffn_channels: Inner channels of the feed-forward networks.
        transformer_depth: Sets of weights of the transformer.
        transformer_repeats: How often each set is applied.
        drop_mask_bias: Bias that the raindrop mask starts with, before the
            sigmoid. None, as official, starts near 0.5 everywhere; -2.5, with
            few pixels under drops, keeps a small network stable.

    Raises:
        ValueError: Channels, groups or heads do not divide each other.
    """

    def __init__(self,
                 *,
                 mid_channels: int = 64,
                 num_blocks: int = 9,
                 extraction_blocks: int = 5,
                 reconstruction_blocks: int = 5,
                 deform_groups: int = 16,
                 max_residue_magnitude: float = 10,
                 spynet_channels: Sequence[int] = (32, 64, 32, 16),
                 spynet_pretrained: str | None = None,
                 encoder_channels: Sequence[int] = (64, 128, 256),
                 token_patch: Sequence[int] = (7, 3, 3),
                 transformer_channels: int = 512,
                 transformer_heads: int = 4,
                 transformer_ffn_channels: int = 2048,
                 transformer_depth: int = 2,
                 transformer_repeats: int = 2,
                 drop_mask_bias: float | None = None) -> None:
        super().__init__()
        _require_multiple('mid_channels', mid_channels, 8)
        _require_multiple('deform_groups', deform_groups, 2)
        _require_multiple('2 * mid_channels', 2 * mid_channels, deform_groups)
        _require_multiple('encoder_channels[0]', encoder_channels[0], 4)
        _require_multiple('encoder_channels[1]', encoder_channels[1], 4)
        _require_multiple('transformer_channels', transformer_channels,
                          transformer_heads)
        self.spynet_pretrained = spynet_pretrained
        self.spynet = SPyNet(tuple(spynet_channels))
        self.feature_extractor = nn.Sequential(
            nn.Conv2d(3, mid_channels, 3, stride=2, padding=1),
            nn.LeakyReLU(0.1, inplace=True),
            nn.Conv2d(mid_channels, mid_channels, 3, stride=2, padding=1),
            nn.LeakyReLU(0.1, inplace=True),
            ResidualBlocksWithInputConv(
                mid_channels, mid_channels, extraction_blocks))
        self.streak_head = MapHead(mid_channels, mid_channels // 4)
        options = dict(
            channels=mid_channels, num_blocks=num_blocks,
            deform_groups=deform_groups,
            max_residue_magnitude=max_residue_magnitude)
        self.backward_branch = PropagationBranch(context_maps=1, **options)
        self.forward_branch = PropagationBranch(context_maps=2, **options)
        self.reconstruction = Reconstruction(
            mid_channels, reconstruction_blocks)
        self.drop_head = MapHead(mid_channels // 4, mid_channels // 8)
        self.streak_free_head = nn.Conv2d(mid_channels // 4, 3, 3, padding=1)
        self.raindrop_transformer = RaindropTransformer(
            tuple(encoder_channels), tuple(token_patch), transformer_channels,
            transformer_heads, transformer_ffn_channels, transformer_depth,
            transformer_repeats)
        if drop_mask_bias is not None:
            nn.init.constant_(self.drop_head.conv_out.bias, drop_mask_bias)
        # With weights in this layout a convolution is computed in it, the
        # fast one, whatever the layout of its input.
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                module.to(memory_format=torch.channels_last)
            elif isinstance(module, nn.Conv3d):
                module.to(memory_format=torch.channels_last_3d)

    def init_weights(self) -> None:
        """Prepare SPyNet before training starts.

        It loads its file. Without one it starts at no motion (our choice;
        untrained weights give a random flow). Everything else is initialised
        by the constructor, as in the official code.

        Raises:
            CheckpointError: The file cannot be loaded or does not fit.
        """
        if self._is_init:
            return
        if self.spynet_pretrained is not None:
            self.spynet.load_file(self.spynet_pretrained)
        else:
            for level in self.spynet.basic_module:
                nn.init.zeros_(level.basic_module[-1].conv.weight)
                nn.init.zeros_(level.basic_module[-1].conv.bias)
        self._is_init = True

    def forward(self, clip: Tensor,
                encoded: Sequence[Tensor] | None = None) -> ViMPNetOutput:
        """Restore a clip.

        Args:
            clip: Shape (n, t, 3, h, w), RGB in [0, 1]; 4 divides h and w.
            encoded: Of :meth:`encode` for each frame, stacked over time,
                (n, t, ...). Computed here when None. The flows of the first
                frame are not used.

        Returns:
            ViMPNetOutput: See there.

        Raises:
            ValueError: The shape is another.
        """
        _check_clip(clip)
        length = clip.shape[1]
        # (n, t, 3, h, w) -> (t * n, 3, h, w)
        frames = clip.transpose(0, 1).flatten(0, 1).contiguous(
            memory_format=torch.channels_last)
        if encoded is None:
            features = self.extract_features(frames)
            flows = self.compute_flows(frames, length)
        else:
            # (n, t, ...) -> (t, n, ...)
            features, *flows = (field.transpose(0, 1) for field in encoded)
            features = features.flatten(0, 1).contiguous(
                memory_format=torch.channels_last)
            flows = [flow[1:] for flow in flows]
        outputs = self.fuse(frames, features, flows, length)
        # (t * n, c, h, w) -> (n, t, c, h, w)
        return ViMPNetOutput(*(
            output.unflatten(0, (length, -1)).transpose(0, 1).contiguous()
            for output in outputs))

    def encode(self, frames: Tensor,
               previous: Tensor | None = None) -> EncodedFrames:
        """Do what the windows of a frame share.

        Args:
            frames: Shape (n, 3, h, w), RGB in [0, 1]; 4 divides h and w.
            previous: The frames before them. Without them the flows are zero.
        """
        frames = frames.contiguous(memory_format=torch.channels_last)
        features = self.extract_features(frames)
        if previous is None:
            flow = features.new_zeros(len(frames), 2, *features.shape[2:])
            return EncodedFrames(features, flow, flow)
        to_next, to_previous = self.compute_flows(
            torch.cat([previous, frames]), 2)
        return EncodedFrames(features, to_next[0], to_previous[0])

    def extract_features(self, frames: Tensor) -> Tensor:
        """Compute features; each frame's are independent of the others.

        Args:
            frames: Shape (b, 3, h, w), RGB in [0, 1].

        Returns:
            Tensor: Shape (b, mid_channels, h/4, w/4).
        """
        return self.feature_extractor(frames)

    def compute_flows(self, frames: Tensor,
                      length: int) -> tuple[Tensor, Tensor]:
        """Estimate the flow between neighbouring frames at a quarter size.

        Args:
            frames: Shape (t * n, 3, h, w), time first, RGB in [0, 1].
            length: The number t of frames of a clip.

        Returns:
            tuple[Tensor, Tensor]: For the backward branch from each frame to
            the next, for the forward branch to the one before; each
            (t - 1, n, 2, h/4, w/4), in pixels, x before y.
        """
        small = F.interpolate(
            frames, scale_factor=0.25, mode='bicubic').unflatten(
                0, (length, -1))
        if length == 1:
            empty = small.new_zeros(0, *small.shape[1:])[:, :, :2]
            return empty, empty
        earlier, later = small[:-1].flatten(0, 1), small[1:].flatten(0, 1)
        flows = self.spynet(torch.cat([earlier, later]),
                            torch.cat([later, earlier]))
        to_next, to_previous = flows.unflatten(
            0, (2, length - 1, -1))
        return to_next, to_previous

    def fuse(self, frames: Tensor, features: Tensor,
             flows: tuple[Tensor, Tensor], length: int) -> ViMPNetOutput:
        """Restore frames from their features and flows.

        Args:
            frames: Shape (t * n, 3, h, w), time first, RGB in [0, 1].
            features: Of :meth:`extract_features`.
            flows: Of :meth:`compute_flows`.
            length: The number t of frames of a clip.

        Returns:
            ViMPNetOutput: As frames, (t * n, c, h, w).
        """
        streaks = self.streak_head(features, length)
        split = (length, -1)
        maps = [features.unflatten(0, split)]
        for branch, flow, backward in (
            (self.backward_branch, flows[0], True),
            (self.forward_branch, flows[1], False)):
            maps.append(branch(maps, flow, streaks.unflatten(0, split),
                               backward))
        full = self.reconstruction(
            torch.cat([frame_map.flatten(0, 1) for frame_map in maps], dim=1),
            length)
        # in float32 also under autocast, where small probabilities matter
        drop_masks = torch.sigmoid(self.drop_head(full, length).float())
        streak_free = frames + self.streak_free_head(full)
        restored = streak_free + self.raindrop_transformer(
            streak_free, drop_masks, length)
        streak_maps = F.interpolate(
            streaks.float(), size=frames.shape[2:], mode='bilinear',
            align_corners=True)
        return ViMPNetOutput(restored, streak_free, drop_masks, streak_maps)


def _require_multiple(name: str, value: int, divisor: int) -> None:
    if value < 1 or value % divisor:
        raise ValueError(f'{name} has to be a multiple of {divisor}, but is '
                         f'{value}')


def _check_clip(clip: Tensor) -> None:
    if clip.ndim != 5 or clip.shape[2] != 3 or 0 in clip.shape:
        raise ValueError('ViMPNet takes a clip of shape (n, t, 3, h, w), but '
                         f'got {tuple(clip.shape)}')
    if clip.shape[3] % 4 or clip.shape[4] % 4:
        raise ValueError(
            'ViMPNet takes heights and widths that 4 divides, but got '
            f'{clip.shape[3]} x {clip.shape[4]}. The inference of mmderain '
            'pads frames of any size.')
