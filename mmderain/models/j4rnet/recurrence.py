"""What J4R-Net carries from frame to frame: D-Net and F-Net."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmderain.models.j4rnet.blocks import conv3x3


class DegradationNet(nn.Module):
    """D-Net: where rain occludes, from a frame and the state before it.

    Four layers. The second gives the logits of the degradation map, f^d_2;
    the fourth, downstream of them, the feature f^d_4 for the gates.

    Args:
        channels: Channels of features and state.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layer1 = conv3x3(2 * channels, channels)
        self.layer2 = conv3x3(channels, 2)
        self.layer3 = conv3x3(2, channels // 4)
        self.layer4 = conv3x3(channels // 4, channels // 4)

    def forward(self, features: Tensor,
                state: Tensor) -> tuple[Tensor, Tensor]:
        """Estimate the map.

        Args:
            features: Of the frame, (n, c, h, w).
            state: Of the frame before, (n, c, h, w).

        Returns:
            tuple[Tensor, Tensor]: Logits (n, 2, h, w) and the gates' feature
            (n, c / 4, h, w).
        """
        logits = self.layer2(self.layer1(torch.cat([state, features], dim=1)))
        return logits, F.relu(self.layer4(F.relu(self.layer3(logits))))


class FusionUnit(nn.Module):
    """F-Net: the gated recurrent unit (equations in the paper's talk).

    With the features F_t, the state H_{t-1} and D-Net's f_d::

        z = sigmoid(W_z F_t + U_z H_{t-1} + V_z f_d)
        r = ReLU(W_r F_t + U_r H_{t-1} + V_r f_d)
        H~ = tanh(W_h F_t + U_h (r * H_{t-1}))
        H_t = (1 - z) * H_{t-1} + z * H~

    For z = 1 and r = 0, H_t is tanh(W_h F_t): the past is forgotten.

    Args:
        channels: Channels of features and state.
        degradation_channels: Channels of f_d.
    """

    def __init__(self, channels: int, degradation_channels: int) -> None:
        super().__init__()
        # W_z, W_r and W_h, in this order, with the biases of all
        self.from_frame = conv3x3(channels, 3 * channels)
        # U_z and U_r, V_z and V_r
        self.from_state = conv3x3(channels, 2 * channels, bias=False)
        self.from_degradation = conv3x3(
            degradation_channels, 2 * channels, bias=False)
        # U_h
        self.from_read_state = conv3x3(channels, channels, bias=False)

    def forward(self, frame: Tensor, state: Tensor,
                degradation: Tensor) -> Tensor:
        """One step.

        Args:
            frame: ``from_frame`` of the features, (n, 3 * c, h, w).
            state: H_{t-1}, (n, c, h, w).
            degradation: f_d, (n, d, h, w).

        Returns:
            Tensor: H_t, (n, c, h, w).
        """
        update, read, candidate = frame.chunk(3, dim=1)
        other_update, other_read = (
            self.from_state(state)
            + self.from_degradation(degradation)).chunk(2, dim=1)
        update = (update + other_update).sigmoid()
        read = (read + other_read).relu()
        candidate = (candidate + self.from_read_state(read * state)).tanh()
        return (1 - update) * state + update * candidate
