"""The dual raindrop transformer: the second stage of ViMP-Net."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmderain.models.vimpnet.layers import Upsampler


class Encoder(nn.Module):
    """Features of a quarter of the size, with context in time.

    Args:
        in_channels: Channels of the frames.
        channels: Of the three layers.
        last_slope: Negative slope of the last activation.
    """

    def __init__(self, in_channels: int, channels: tuple[int, int, int],
                 last_slope: float) -> None:
        super().__init__()
        self.conv_in = nn.Conv2d(in_channels, channels[0], 3, padding=1)
        options = dict(kernel_size=3, stride=(1, 2, 2), padding=1)
        self.down1 = nn.Conv3d(channels[0], channels[1], **options)
        self.down2 = nn.Conv3d(channels[1], channels[2], **options)
        self.last_slope = last_slope

    def forward(self, frames: Tensor, length: int) -> Tensor:
        """(t * n, in_channels, h, w) -> (t * n, channels[2], h/4, w/4)."""
        out = F.leaky_relu(self.conv_in(frames), 0.2, inplace=True)
        # (t * n, c, h, w) -> (n, c, t, h, w)
        out = out.unflatten(0, (length, -1)).permute(1, 2, 0, 3, 4)
        out = F.leaky_relu(self.down1(out), 0.2, inplace=True)
        out = F.leaky_relu(self.down2(out), self.last_slope, inplace=True)
        # (n, c, t, h, w) -> (t * n, c, h, w)
        return out.permute(2, 0, 1, 3, 4).flatten(0, 1)


class SoftComposition(nn.Module):
    """Puts overlapping patches together: their plain sum.

    The official linear layer and fold are one transposed convolution. Its
    bias has a value for each tap of the kernel.

    Args:
        token_channels: Channels of a token.
        channels: Channels out.
        patch: Kernel size, stride and padding of the patches.
    """

    def __init__(self, token_channels: int, channels: int,
                 patch: tuple[int, int, int]) -> None:
        super().__init__()
        self.kernel, self.stride, self.padding = patch
        self.weight = nn.Parameter(torch.empty(
            token_channels, channels, self.kernel, self.kernel))
        self.bias = nn.Parameter(torch.empty(
            channels, self.kernel, self.kernel))
        self.smoothing = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, tokens: Tensor, size: tuple[int, int]) -> Tensor:
        """(b, token_channels, gh, gw) -> (b, channels, *size)."""
        # what the division by the stride left over
        rest = [length - ((count - 1) * self.stride - 2 * self.padding
                          + self.kernel)
                for length, count in zip(size, tokens.shape[2:], strict=True)]
        options = dict(stride=self.stride, padding=self.padding,
                       output_padding=rest)
        out = F.conv_transpose2d(tokens, self.weight, **options)
        ones = tokens.new_ones(1, 1, *tokens.shape[2:])
        out = out + F.conv_transpose2d(ones, self.bias[None], **options)
        return self.smoothing(out)


class Attention(nn.Module):
    """Multi-head attention over all tokens of a clip.

    Args:
        channels: Channels of a token.
        heads: Heads; each has consecutive channels.
    """

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(channels, channels)
        self.key = nn.Linear(channels, channels)
        self.value = nn.Linear(channels, channels)
        self.output = nn.Linear(channels, channels)

    def forward(self, tokens: Tensor, context: Tensor) -> Tensor:
        """``tokens`` ask ``context``; all (b, count, channels)."""
        out = F.scaled_dot_product_attention(
            self._split(self.query(tokens)), self._split(self.key(context)),
            self._split(self.value(context)))
        # (b, heads, count, c) -> (b, count, heads * c)
        return self.output(out.transpose(1, 2).flatten(2))

    def _split(self, x: Tensor) -> Tensor:
        # (b, count, heads * c) -> (b, heads, count, c)
        return x.unflatten(2, (self.heads, -1)).transpose(1, 2)


def _feed_forward(channels: int, ffn_channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(channels, ffn_channels), nn.ReLU(inplace=True),
        nn.Linear(ffn_channels, channels))


class DualBlock(nn.Module):
    """A transformer block for two streams of tokens.

    Both share attention and norms; each has a feed-forward network.

    Args:
        channels: Channels of a token.
        heads: Heads of the attention.
        ffn_channels: Inner channels of the feed-forward networks.
    """

    def __init__(self, channels: int, heads: int, ffn_channels: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(channels)
        self.attention = Attention(channels, heads)
        self.norm2 = nn.LayerNorm(channels)
        self.ffn1 = _feed_forward(channels, ffn_channels)
        self.ffn2 = _feed_forward(channels, ffn_channels)

    def forward(self, streams: Tensor) -> Tensor:
        """(2, n, count, channels) -> the same shape."""
        # one batch for the shared attention
        normed = self.norm1(streams).flatten(0, 1)
        streams = streams + self.attention(normed, normed).view_as(streams)
        first, second = self.norm2(streams)
        return streams + torch.stack([self.ffn1(first), self.ffn2(second)])


class FusionBlock(nn.Module):
    """Fuses the streams: the first asks the second.

    The residual begins at the normalised first stream, as the released
    weights expect.

    Args:
        channels: Channels of a token.
        heads: Heads of the attention.
        ffn_channels: Inner channels of the feed-forward network.
    """

    def __init__(self, channels: int, heads: int, ffn_channels: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(channels)
        self.attention = Attention(channels, heads)
        self.norm2 = nn.LayerNorm(channels)
        self.ffn = _feed_forward(channels, ffn_channels)

    def forward(self, streams: Tensor) -> Tensor:
        """(2, n, count, channels) -> (n, count, channels)."""
        first, second = self.norm1(streams)
        out = first + self.attention(first, second)
        return out + self.ffn(self.norm2(out))


class RaindropTransformer(nn.Module):
    """Removes raindrops with two streams of tokens.

    One stream sees frames and mask, the other the frames with and without the
    masked pixels. Its weights are applied several times.

    Differs from the official code: patches are cut and put together by
    convolutions, not by unfold, linear layer and fold (two to three times as
    fast on a CPU); both streams go through the shared attention as one batch.

    Args:
        encoder_channels: Of the three layers of an encoder.
        token_patch: Kernel size, stride and padding of the patches.
        channels: Channels of a token.
        heads: Heads of the attention.
        ffn_channels: Inner channels of the feed-forward networks.
        depth: Sets of weights.
        repeats: How often each is applied before the next.
    """

    def __init__(self, encoder_channels: tuple[int, int, int],
                 token_patch: tuple[int, int, int], channels: int, heads: int,
                 ffn_channels: int, depth: int, repeats: int) -> None:
        super().__init__()
        kernel, stride, padding = token_patch
        width = encoder_channels[2]
        self.repeats = repeats
        self.guided_encoder = Encoder(4, encoder_channels, last_slope=0.2)
        # 0.01 is PyTorch's default slope, which the official code has here
        self.frame_encoder = Encoder(3, encoder_channels, last_slope=0.01)
        self.masked_encoder = Encoder(3, encoder_channels, last_slope=0.01)
        self.soft_split = nn.Conv2d(width, channels, kernel, stride, padding)
        self.token_mixer = nn.Linear(2 * channels, channels)
        self.blocks = nn.ModuleList(
            DualBlock(channels, heads, ffn_channels) for _ in range(depth))
        self.fusion = FusionBlock(channels, heads, ffn_channels)
        self.soft_composition = SoftComposition(channels, width, token_patch)
        self.upsampler = Upsampler(
            width, encoder_channels[1] // 4, encoder_channels[0] // 4)
        self.head = nn.Conv2d(encoder_channels[0] // 4, 3, 3, padding=1)
        self._initialise()

    def _initialise(self) -> None:
        for name, parameter in self.named_parameters():
            if name.endswith('bias'):
                nn.init.zeros_(parameter)
            elif '.norm' not in name:
                nn.init.normal_(parameter, std=0.02)

    def forward(self, frames: Tensor, drop_masks: Tensor,
                length: int) -> Tensor:
        """Compute what is to be added to the frames.

        Args:
            frames: Shape (t * n, 3, h, w), time first; RGB in [0, 1] without
                streaks.
            drop_masks: Shape (t * n, 1, h, w), in [0, 1].
            length: The number t of frames of a clip.

        Returns:
            Tensor: Shape (t * n, 3, h, w).
        """
        guided = self.guided_encoder(
            torch.cat([frames, drop_masks], dim=1), length)
        size = guided.shape[2:]
        first, grid = self._tokens(guided, length)
        seen, _ = self._tokens(self.frame_encoder(frames, length), length)
        masked, _ = self._tokens(
            self.masked_encoder(frames * (1 - drop_masks), length), length)
        second = self.token_mixer(torch.cat([seen, masked], dim=-1))
        streams = torch.stack([first, second])
        for block in self.blocks:
            for _ in range(self.repeats):
                streams = block(streams)
        fused = self.fusion(streams)
        # (n, t * gh * gw, c) -> (t, n, gh, gw, c) -> (t * n, c, gh, gw)
        fused = fused.unflatten(1, (length, *grid)).transpose(0, 1)
        fused = fused.flatten(0, 1).permute(0, 3, 1, 2)
        return self.head(self.upsampler(self.soft_composition(fused, size)))

    def _tokens(self, frames: Tensor,
                length: int) -> tuple[Tensor, tuple[int, int]]:
        patches = self.soft_split(frames)
        # (t * n, c, gh, gw) -> (t, n, gh, gw, c) -> (n, t * gh * gw, c)
        tokens = patches.permute(0, 2, 3, 1).unflatten(0, (length, -1))
        return tokens.transpose(0, 1).flatten(1, 3), patches.shape[2:]
