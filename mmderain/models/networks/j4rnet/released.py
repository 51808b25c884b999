"""The two networks whose Caffe definitions the authors released.

Both compute features of every frame by itself and then look at neighbours.
``encode`` and ``fuse`` are these two steps; ``stream`` goes through a clip of
any length with each frame's features computed once and few of them kept.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import torch
from mmagic.registry import MODELS
from torch import Tensor, nn

from mmderain.models.networks.j4rnet.blocks import (
    FeatureExtractor,
    Features,
    HalvedResidualBlock,
    check_clip,
    conv3x3,
    frames_after,
    frames_before,
    halve,
)

_CHANNELS = 64
_SHRUNK = 16
_UPDATES = 3


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


class J4RReleasedGRUNetOutput(NamedTuple):
    """What :class:`J4RReleasedGRUNet` returns; nothing is clipped.

    Args:
        restored: Luma without rain, (n, t, 1, h, w).
        occlusion_logits: Of the two classes of the degradation map,
            (n, t, 2, h, w).
    """

    restored: Tensor
    occlusion_logits: Tensor


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


@MODELS.register_module()
class J4RReleasedGRUNet(nn.Module):
    """The released definition that is closer to the paper; no weights exist.

    ``deploy_rain_removal_frame_GRU_SI_detection.prototxt`` of
    github.com/flyywh/J4RNet-Deep-Video-Deraining-CVPR-2018: "Erase or Fill?
    Deep Joint Recurrent Rain Removal and Reconstruction in Videos", Liu et
    al., CVPR 2018. A gated unit updates the hidden states of all frames
    three times; before each update every frame takes over the state of the
    frame after it. So a frame depends on itself and two frames to come.

    Convolutions see zeros around what they are given; extend whole frames by
    replication, 19 pixels.

    Differs from the official code:

    * Upright frames; the converter turns every kernel (see
      :class:`J4RReleasedBRCNNet`).
    * Any size, any number of frames from 1 on, several clips at once.
    * Maps that are constant are not computed.

    Args:
        paper_gate: Keep ``1 - update gate`` of the old state, as the paper
            writes; the released definition keeps ``1 - candidate``.
    """

    # Frames before and after it that a frame depends on.
    context = (0, 2)
    # Pixels around a frame that its restoration needs.
    margin = 19

    def __init__(self, *, paper_gate: bool = False) -> None:
        super().__init__()
        self.paper_gate = paper_gate
        self.extractor = FeatureExtractor(_CHANNELS, 4)
        self.update_gate = conv3x3(2 * _CHANNELS, _CHANNELS)
        self.read_gate = conv3x3(2 * _CHANNELS, _CHANNELS)
        self.candidate = conv3x3(2 * _CHANNELS, _CHANNELS)
        # Gates of the last update, which see the occlusion logits, too.
        self.occlusion = nn.Sequential(
            conv3x3(2 * _CHANNELS, _CHANNELS), conv3x3(_CHANNELS, 2))
        self.last_update_gate = conv3x3(2 * _CHANNELS + 2, _CHANNELS)
        self.last_read_gate = conv3x3(2 * _CHANNELS + 2, _CHANNELS)
        self.last_block = HalvedResidualBlock(_CHANNELS)
        self.last = conv3x3(_CHANNELS, 1)

    def forward(self, clip: Tensor) -> J4RReleasedGRUNetOutput:
        """Restore every frame of a clip.

        Args:
            clip: MATLAB's studio luma in [16/255, 235/255], shape
                (n, t, 1, h, w), t from 1 on (the official test has 9).

        Returns:
            J4RReleasedGRUNetOutput: See there.

        Raises:
            ValueError: The shape is another.
        """
        check_clip(clip, self)
        length = clip.shape[1]
        frames = clip.flatten(0, 1)
        features = self.encode(frames)
        hidden = torch.zeros_like(features.deep)
        for _ in range(_UPDATES - 1):
            hidden = self.update(features, frames_after(hidden, length))
        outputs = self.fuse(frames, features, frames_after(hidden, length))
        return J4RReleasedGRUNetOutput(*(
            output.unflatten(0, (-1, length)) for output in outputs))

    def encode(self, frames: Tensor) -> Features:
        """Compute features; each frame's are independent of the others.

        Args:
            frames: Shape (b, 1, h, w), luma.
        """
        return self.extractor(frames)

    def update(self, features: Features, hidden: Tensor) -> Tensor:
        """One of the first two updates.

        Args:
            features: Of :meth:`encode`.
            hidden: States of the frames after these, (b, 64, h, w).

        Returns:
            Tensor: The new states (b, 64, h, w).
        """
        joint = torch.cat([hidden, features.deep], dim=1)
        return self._gated(features.deep, hidden, self.update_gate(joint),
                           self.read_gate(joint))

    def fuse(self, frames: Tensor, features: Features,
             hidden: Tensor) -> J4RReleasedGRUNetOutput:
        """The last update and the restoration.

        Args:
            frames: Shape (b, 1, h, w), luma.
            features: Of :meth:`encode`.
            hidden: States of the frames after these, updated twice,
                (b, 64, h, w).

        Returns:
            J4RReleasedGRUNetOutput: Fields (b, 1, h, w) and (b, 2, h, w).
        """
        joint = torch.cat([hidden, features.deep], dim=1)
        logits = self.occlusion(joint)
        joint = torch.cat([logits, joint], dim=1)
        hidden = self._gated(features.deep, hidden,
                             self.last_update_gate(joint),
                             self.last_read_gate(joint))
        out = self.last_block(features.deep + hidden)
        return J4RReleasedGRUNetOutput(
            frames + self.last(halve(features.shallow, out)), logits)

    def _gated(self, deep: Tensor, hidden: Tensor, update: Tensor,
               read: Tensor) -> Tensor:
        update = update.sigmoid()
        # a ReLU, in the paper as well as here, where its layer is called
        # a sigmoid
        candidate = self.candidate(
            torch.cat([read.relu() * hidden, deep], dim=1)).tanh()
        kept = 1 - (update if self.paper_gate else candidate)
        return kept * hidden + update * candidate

    def stream(self, frames: Iterable[Tensor]
               ) -> Iterator[J4RReleasedGRUNetOutput]:
        """Restore frame by frame, with a delay of two.

        Args:
            frames: Each (n, 1, h, w), luma.

        Yields:
            J4RReleasedGRUNetOutput: Of each frame in order, fields
            (n, 1, h, w) and (n, 2, h, w); equal to those of the whole clip.
        """
        waiting: list[tuple[Tensor, Features]] = []
        once = None  # the newest frame's state after one update
        for frame in frames:
            features = self.encode(frame)
            waiting.append((frame, features))
            once = self.update(features, torch.zeros_like(features.deep))
            if len(waiting) > 1:
                # the frame before can now be updated with this one's state
                twice = self.update(waiting[-2][1], once)
                if len(waiting) > 2:
                    yield self.fuse(*waiting.pop(0), twice)
        if waiting:
            # at the end a frame takes its own state for that of the next
            twice = self.update(waiting[-1][1], once)
        while waiting:
            yield self.fuse(*waiting.pop(0), twice)
