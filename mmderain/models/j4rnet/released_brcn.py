"""The network of the official demo, from its Caffe definition.

It computes features of every frame by itself and then looks at neighbours:
``encode`` and ``fuse``. ``stream`` goes through a clip of any length with each
frame's features computed once and few of them kept.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import torch
from mmagic.registry import MODELS
from torch import Tensor, nn

from mmderain.models.j4rnet.blocks import (
    FeatureExtractor,
    HalvedResidualBlock,
    check_clip,
    conv3x3,
    frames_after,
    frames_before,
    halve,
)

_CHANNELS = 64
_SHRUNK = 16


class J4RReleasedBRCNNetOutput(NamedTuple):
    """What :class:`J4RReleasedBRCNNet` returns; nothing is clipped.

    Args:
        restored: Luma without rain, (n, t, 1, h, w).
        motion_logits: How much each of two temporal filters counts,
            (n, t, 2, h, w). Trained as logits of a mask of moving rain, but
            used as factors, without a softmax.
    """

    restored: Tensor
    motion_logits: Tensor


class BRCNFeatures(NamedTuple):
    """What the BRCN network knows of each frame by itself.

    Args:
        shallow: After the first layer, (b, 64, h, w).
        deep: After the residual blocks, (b, 64, h, w).
        shrunk: What neighbours get to see, (b, 16, h, w).
    """

    shallow: Tensor
    deep: Tensor
    shrunk: Tensor


@MODELS.register_module()
class J4RReleasedBRCNNet(nn.Module):
    """The network that the official demo runs.

    ``deploy_rain_removal_BRCN_type.prototxt`` of
    github.com/flyywh/J4RNet-Deep-Video-Deraining-CVPR-2018, the one with
    released weights. It is not the paper's: no recurrence, a frame sees the
    one before and the one after it, filtered in two ways that a map mixes.

    Convolutions see zeros around what they are given, as the official ones
    do around each patch; extend whole frames by replication, 16 pixels.

    Differs from the official code:

    * Upright frames: MATLAB handed transposed patches to Caffe, so the
      converter turns every kernel instead.
    * Any size, any number of frames from 1 on, several clips at once; the
      official definition says 9 frames of 32 x 32.
    * The convolutions over a feature map beside itself in two groups are one
      convolution of it: equal.
    """

    # Frames before and after it that a frame depends on.
    context = (1, 1)
    # Pixels around a frame that its restoration needs.
    margin = 16

    def __init__(self) -> None:
        super().__init__()
        self.extractor = FeatureExtractor(_CHANNELS, 3)
        self.shrink = conv3x3(_CHANNELS, _SHRUNK)
        self.motion = nn.Sequential(conv3x3(3 * _SHRUNK, 8), conv3x3(8, 2))
        self.from_before = conv3x3(_SHRUNK, 2 * _SHRUNK)
        self.from_after = conv3x3(_SHRUNK, 2 * _SHRUNK)
        self.expand = conv3x3(_SHRUNK, _CHANNELS)
        self.temporal_block = HalvedResidualBlock(_CHANNELS)
        self.last_block = HalvedResidualBlock(_CHANNELS)
        self.last = conv3x3(_CHANNELS, 1)
        # A convolution whose weights are in this layout is computed in it, the
        # fast one, whatever the layout of its input.
        self.to(memory_format=torch.channels_last)

    def forward(self, clip: Tensor) -> J4RReleasedBRCNNetOutput:
        """Restore every frame of a clip.

        Args:
            clip: MATLAB's studio luma in [16/255, 235/255], shape
                (n, t, 1, h, w), t from 1 on (the official test has 9).

        Returns:
            J4RReleasedBRCNNetOutput: See there.

        Raises:
            ValueError: The shape is another.
        """
        check_clip(clip, self)
        length = clip.shape[1]
        frames = clip.flatten(0, 1)
        features = self.encode(frames)
        outputs = self.fuse(frames, features,
                            frames_before(features.shrunk, length),
                            frames_after(features.shrunk, length))
        return J4RReleasedBRCNNetOutput(*(
            output.unflatten(0, (-1, length)) for output in outputs))

    def encode(self, frames: Tensor) -> BRCNFeatures:
        """Compute features; each frame's are independent of the others.

        Args:
            frames: Shape (b, 1, h, w), luma.
        """
        shallow, deep = self.extractor(frames)
        return BRCNFeatures(shallow, deep, self.shrink(deep))

    def fuse(self, frames: Tensor, features: BRCNFeatures, before: Tensor,
             after: Tensor) -> J4RReleasedBRCNNetOutput:
        """Restore frames from their features and their neighbours'.

        Args:
            frames: Shape (b, 1, h, w), luma.
            features: Of :meth:`encode`.
            before: ``features.shrunk`` of the frames before these,
                (b, 16, h, w).
            after: Of the frames after these.

        Returns:
            J4RReleasedBRCNNetOutput: Fields (b, 1, h, w) and (b, 2, h, w).
        """
        motion = self.motion(torch.cat(
            [before, features.shrunk, after], dim=1))
        # two filtered versions of the neighbours, (b, 16, h, w) each
        first, second = (
            self.from_before(before) + self.from_after(after)).chunk(2, dim=1)
        mixed = motion[:, :1] * first + motion[:, 1:] * second
        expanded = self.expand(mixed + features.shrunk) + features.deep
        # the skip goes around the temporal part
        out = self.temporal_block(expanded, skip=features.deep)
        out = self.last_block(out)
        return J4RReleasedBRCNNetOutput(
            frames + self.last(halve(features.shallow, out)), motion)

    def stream(self, frames: Iterable[Tensor]
               ) -> Iterator[J4RReleasedBRCNNetOutput]:
        """Restore frame by frame, with a delay of one.

        Args:
            frames: Each (n, 1, h, w), luma.

        Yields:
            J4RReleasedBRCNNetOutput: Of each frame in order, fields
            (n, 1, h, w) and (n, 2, h, w); equal to those of the whole clip.
        """
        before = now = None
        for frame in frames:
            coming = (frame, self.encode(frame))
            if now is not None:
                yield self.fuse(*now, before, coming[1].shrunk)
            before = (coming if now is None else now)[1].shrunk
            now = coming
        if now is not None:
            yield self.fuse(*now, before, now[1].shrunk)
