"""The released definition with a gated unit, from Caffe.

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
    Features,
    HalvedResidualBlock,
    check_clip,
    conv3x3,
    frames_after,
    halve,
)

_CHANNELS = 64
_UPDATES = 3


class J4RReleasedGRUNetOutput(NamedTuple):
    """What :class:`J4RReleasedGRUNet` returns; nothing is clipped.

    Args:
        restored: Luma without rain, (n, t, 1, h, w).
        occlusion_logits: Of the two classes of the degradation map,
            (n, t, 2, h, w).
    """

    restored: Tensor
    occlusion_logits: Tensor


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
        # A convolution whose weights are in this layout is computed in it, the
        # fast one, whatever the layout of its input.
        self.to(memory_format=torch.channels_last)

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
