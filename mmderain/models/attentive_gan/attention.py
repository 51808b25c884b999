"""Where the raindrops are, looked for several times over."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ResidualBlock(nn.Module):
    """``relu(relu(conv(relu(conv(x)))) + x)``.

    The ReLU before the addition is the official one: a block can only add.

    Args:
        channels: Channels in and out.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, features: Tensor) -> Tensor:
        """(n, c, h, w) -> the same shape."""
        added = F.relu(self.conv1(features), inplace=True)
        return F.relu(F.relu(self.conv2(added)) + features)


class ConvLSTMCell(nn.Module):
    """A convolutional LSTM cell without peepholes.

    Args:
        channels: Channels of the input, of the state and of the output.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.input_gate, self.forget_gate, self.cell_gate, self.output_gate = (
            nn.Conv2d(2 * channels, channels, 3, padding=1) for _ in range(4))

    def forward(self, features: Tensor, hidden: Tensor,
                cell: Tensor) -> tuple[Tensor, Tensor]:
        """One step.

        Args:
            features: Shape (n, c, h, w).
            hidden: The output of the step before, same shape.
            cell: The state of the step before, same shape.

        Returns:
            tuple[Tensor, Tensor]: The new ``hidden`` and ``cell``.
        """
        both = torch.cat([features, hidden], dim=1)
        cell = (torch.sigmoid(self.forget_gate(both)) * cell
                + torch.sigmoid(self.input_gate(both))
                * torch.tanh(self.cell_gate(both)))
        return torch.sigmoid(self.output_gate(both)) * torch.tanh(cell), cell


class RecurrentAttention(nn.Module):
    """The attentive-recurrent network (paper, section 4.1).

    Every step sees the image and the map of the step before; all steps share
    their weights.

    Args:
        channels: Channels of the features.
        num_blocks: Residual blocks of a step.
        steps: How often the map is refined.
    """

    # What the first step is told about where the drops are.
    initial_map = 0.5

    def __init__(self, channels: int, num_blocks: int, steps: int) -> None:
        super().__init__()
        self.steps = steps
        self.conv_in = nn.Conv2d(4, channels, 3, padding=1)
        self.blocks = nn.Sequential(
            *(ResidualBlock(channels) for _ in range(num_blocks)))
        self.lstm = ConvLSTMCell(channels)
        self.map_head = nn.Conv2d(channels, 1, 3, padding=1)

    def forward(self, image: Tensor) -> list[Tensor]:
        """Find the drops.

        Args:
            image: Shape (n, 3, h, w), RGB in [0, 1].

        Returns:
            list[Tensor]: The map (n, 1, h, w) of every step; trained towards
            0 and 1, not limited to that range.
        """
        n, _, h, w = image.shape
        attention = image.new_full((n, 1, h, w), self.initial_map)
        hidden = cell = image.new_zeros(n, self.conv_in.out_channels, h, w)
        maps = []
        for _ in range(self.steps):
            features = F.relu(
                self.conv_in(torch.cat([image, attention], dim=1)),
                inplace=True)
            hidden, cell = self.lstm(self.blocks(features), hidden, cell)
            attention = self.map_head(hidden)
            maps.append(attention)
        return maps
