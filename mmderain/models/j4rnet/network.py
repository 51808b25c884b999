"""J4R-Net as its paper describes it, recurrent over frames."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import torch
import torch.nn.functional as F
from mmagic.registry import MODELS
from torch import Tensor, nn

from mmderain.models.j4rnet.blocks import (
    FeatureExtractor,
    HalvedResidualBlock,
    check_clip,
    conv3x3,
    halve,
)
from mmderain.models.j4rnet.recurrence import (
    DegradationNet,
    FusionUnit,
)


class J4RNetOutput(NamedTuple):
    """What :class:`J4RNet` returns; nothing is clipped.

    A network that is not recurrent returns None for all but ``restored`` and
    ``streaks``.

    Args:
        restored: Luma without rain, (n, t, 1, h, w).
        occlusion_logits: Of the two classes of the degradation map, not
            occluded and occluded, (n, t, 2, h, w).
        streaks: What the streaks add to the luma, (n, t, 1, h, w).
        detail: Structural detail (the high frequencies) of the background,
            expected from the frames before, (n, t, 1, h, w).
        state: What the next frame starts from, (n, c, h, w).
    """

    restored: Tensor
    occlusion_logits: Tensor | None
    streaks: Tensor
    detail: Tensor | None
    state: Tensor | None


class PlaneNet(nn.Sequential):
    """From features to a plane: a residual block and a convolution.

    Args:
        channels: Channels of the features.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(HalvedResidualBlock(channels), conv3x3(channels, 1))


@MODELS.register_module()
class J4RNet(nn.Module):
    """Erases streaks and fills what rain occludes, recurrent over frames.

    "Erase or Fill? Deep Joint Recurrent Rain Removal and Reconstruction in
    Videos", Liu et al., CVPR 2018, built from the equations in the slides of
    its talk. The authors released no code of this network; what they released
    are :class:`J4RReleasedGRUNet` and :class:`J4RReleasedBRCNNet`.

    * extractor: features F_t of a frame by itself
    * R-Net: streaks, from F_t
    * D-Net: degradation map, from F_t and the state H_{t-1}
    * F-Net: the gated unit that makes H_t
    * C-Net: structural detail, from H_{t-1}
    * JRC-Net: the background from all of these

    The talk does not say how deep and wide the parts are, nor how JRC-Net
    joins them. Our choices, after the released definitions where they have
    the part: 3x3 convolutions of 64 channels, residual units with halved
    sums, a skip from the first layer, and for D-Net's first two layers no
    activation between. Of our own: R-Net and C-Net are one residual unit and
    a convolution each; D-Net's other two layers have ``channels // 4``
    channels and ReLU; JRC-Net starts from the frame minus its streaks and
    corrects it from F_t, to which a convolution of state, erased frame,
    detail and probabilities of the map is added. That convolution starts at
    zero, so the whole network starts exactly where the single-frame one
    ended.

    Kernels start He-normal as in the released definitions, those that end in
    a plane ten times smaller (ours), biases at zero.

    Convolutions see zeros around what they are given; extend whole frames by
    replication, 16 pixels.

    Args:
        channels: Channels of the features and of the state; 4 divides them.
        extractor_blocks: Residual blocks of two convolutions in the extractor
            after its first layer. The talk speaks of two layers (1 block);
            the default is that of the released GRU definition.
        recurrent: False leaves D-Net, F-Net and C-Net out: the single-frame
            network of the first training stage, with the same names.

    Raises:
        ValueError: 4 does not divide ``channels``.
    """

    # Frames before and after it that a frame needs in a window of their own:
    # none, what comes before is in the state.
    context = (0, 0)
    # Pixels around a frame that its restoration needs.
    margin = 16

    def __init__(self,
                 *,
                 channels: int = 64,
                 extractor_blocks: int = 4,
                 recurrent: bool = True) -> None:
        super().__init__()
        if channels < 4 or channels % 4:
            raise ValueError('channels has to be a multiple of 4, but is '
                             f'{channels}')
        self.channels = channels
        self.recurrent = recurrent
        self.extractor = FeatureExtractor(channels, extractor_blocks)
        self.streak_net = PlaneNet(channels)
        self.penultimate = conv3x3(channels, channels)
        self.last = conv3x3(channels, 1)
        if recurrent:
            self.degradation_net = DegradationNet(channels)
            self.fusion_unit = FusionUnit(channels, channels // 4)
            self.detail_net = PlaneNet(channels)
            self.join = conv3x3(channels + 4, channels)
        self._initialise()
        # A convolution whose weights are in this layout is computed in it, the
        # fast one, whatever the layout of its input.
        self.to(memory_format=torch.channels_last)

    def _initialise(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity='relu')
                if module.out_channels == 1:
                    module.weight.data.mul_(0.1)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        if self.recurrent:
            nn.init.zeros_(self.join.weight)

    def forward(self, clip: Tensor,
                state: Tensor | None = None) -> J4RNetOutput:
        """Restore every frame of a clip.

        Args:
            clip: MATLAB's studio luma in [16/255, 235/255], shape
                (n, t, 1, h, w), t from 1 on (the paper trains with 9).
            state: What the clip before returned, (n, c, h, w), if this one
                continues it; zeros when None.

        Returns:
            J4RNetOutput: See there.

        Raises:
            ValueError: A shape is another, or a network that is not
                recurrent gets a state.
        """
        check_clip(clip, self)
        self._check_state(clip, state)
        length = clip.shape[1]
        frames = clip.flatten(0, 1)
        shallow, deep = self.extractor(frames)
        streaks = self.streak_net(deep)
        erased = frames - streaks
        maps = dict(occlusion_logits=None, detail=None)
        if self.recurrent:
            before, after, logits = self._recur(deep, length, state)
            detail = self.detail_net(before)
            joint = deep + self.join(torch.cat(
                [after, erased, detail, logits.softmax(dim=1)], dim=1))
            maps = dict(occlusion_logits=logits, detail=detail)
            state = after.unflatten(0, (-1, length))[:, -1]
        else:
            joint = deep
        out = F.relu(self.penultimate(joint))
        restored = erased + self.last(halve(shallow, out))
        maps.update(restored=restored, streaks=streaks)
        # (n * t, c, h, w) -> (n, t, c, h, w)
        return J4RNetOutput(state=state, **{
            name: None if value is None else value.unflatten(0, (-1, length))
            for name, value in maps.items()})

    def _recur(self, deep: Tensor, length: int,
               state: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        """States before and after each frame, and logits; (n * t, ...)."""
        # What does not depend on the state: all frames at once.
        gates = self.fusion_unit.from_frame(deep).unflatten(0, (-1, length))
        clip = deep.unflatten(0, (-1, length))
        if state is None:
            state = torch.zeros_like(clip[:, 0])
        states, logits = [state], []
        for index in range(length):
            frame_logits, feature = self.degradation_net(
                clip[:, index], states[-1])
            states.append(self.fusion_unit(
                gates[:, index], states[-1], feature))
            logits.append(frame_logits)
        return tuple(torch.stack(part, dim=1).flatten(0, 1)
                     for part in (states[:-1], states[1:], logits))

    def _check_state(self, clip: Tensor, state: Tensor | None) -> None:
        if state is None:
            return
        if not self.recurrent:
            raise ValueError('J4RNet(recurrent=False) takes no state')
        wanted = (clip.shape[0], self.channels, *clip.shape[3:])
        if tuple(state.shape) != wanted:
            raise ValueError(f'For this clip the state has the shape {wanted}'
                             f', but got {tuple(state.shape)}')

    def stream(self, frames: Iterable[Tensor]) -> Iterator[J4RNetOutput]:
        """Restore frame by frame; the state runs on.

        Args:
            frames: Each (n, 1, h, w), luma.

        Yields:
            J4RNetOutput: Of each frame in order, fields (n, c, h, w); equal
            to those of the whole clip.
        """
        state = None
        for frame in frames:
            output = self(frame[:, None], state)
            state = output.state
            yield J4RNetOutput(state=state, **{
                name: None if value is None else value[:, 0]
                for name, value in output._asdict().items()
                if name != 'state'})
