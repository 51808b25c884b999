"""ViMP-Net as its official test goes about a clip.

Every start of a window, each in overlapping tiles, so that a frame is computed
five times in as many windows; and the network by the operations that it is
written in officially: 3-D convolutions over clips (1, c, t, h, w) also where
they only see space, patches cut by unfold and put together by fold,
attention as products and softmax, one stream of tokens after the other.
The deformable convolution is torchvision's, not mmcv's.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmderain.models.official_order import (
    OfficialOrder,
    RestoreClip,
    in_contiguous_layout,
)
from mmderain.models.restoration import WindowRestoration
from mmderain.models.vimpnet.dual_transformer import (
    Attention,
    DualBlock,
    Encoder,
    FusionBlock,
    RaindropTransformer,
)
from mmderain.models.vimpnet.layers import MapHead, Upsampler
from mmderain.models.vimpnet.network import ViMPNet
from mmderain.models.vimpnet.reconstruction import Reconstruction
from mmderain.windows.tiles import restore_tiled, starts


def prepare(restoration: WindowRestoration) -> RestoreClip:
    """All windows and tiles, one after the other."""
    network = in_contiguous_layout(restoration.generator)
    length, tile = restoration.window_spec.length, restoration.tile_spec

    @torch.no_grad()
    def restore(clip: Tensor) -> Tensor:
        clip = clip[None].float() / 255
        total = torch.zeros_like(clip)
        count = clip.new_zeros(clip.shape[1], 1, 1, 1)
        for start in starts(clip.shape[1], length, stride=1):
            part = slice(start, start + length)
            total[:, part] += restore_tiled(
                clip[:, part], lambda window: restored(network, window), tile)
            count[part] += 1
        return (total / count)[0]

    return restore


def restored(network: ViMPNet, clip: Tensor) -> Tensor:
    """(1, t, 3, h, w) -> the same, by the official operations."""
    frames = clip[0].contiguous()
    features = network.extract_features(frames)
    small = F.interpolate(frames, scale_factor=0.25, mode='bicubic')
    flows = (network.spynet(small[:-1], small[1:]),
             network.spynet(small[1:], small[:-1]))
    streaks = _map(network.streak_head, _to_clip(features))
    maps = [features[:, None]]
    for branch, flow, backward in (
        (network.backward_branch, flows[0], True),
        (network.forward_branch, flows[1], False)):
        maps.append(branch(maps, flow[:, None], _to_frames(streaks)[:, None],
                           backward))
    full = _reconstruct(network.reconstruction, _to_clip(
        torch.cat([frame_map[:, 0] for frame_map in maps], dim=1)))
    mask = _map(network.drop_head, full).sigmoid()
    streak_free = _to_clip(frames) + _conv(network.streak_free_head, full)
    result = streak_free + _transform(
        network.raindrop_transformer, streak_free, mask)
    return _to_frames(result)[None]


def _to_clip(frames: Tensor) -> Tensor:
    """(t, c, h, w) -> (1, c, t, h, w)."""
    return frames.transpose(0, 1)[None].contiguous()


def _to_frames(clip: Tensor) -> Tensor:
    """(1, c, t, h, w) -> (t, c, h, w)."""
    return clip[0].transpose(0, 1)


def _conv(conv: nn.Conv2d | nn.Conv3d, clip: Tensor) -> Tensor:
    """A convolution as a 3-D one."""
    if conv.weight.ndim == 5:
        return F.conv3d(clip, conv.weight, conv.bias, padding=conv.padding)
    return F.conv3d(clip, conv.weight[:, :, None], conv.bias,
                    padding=(0, *conv.padding))


def _map(head: MapHead, clip: Tensor) -> Tensor:
    clip = F.leaky_relu(_conv(head.conv_in, clip), 0.2)
    return _conv(head.conv_out,
                 F.leaky_relu(_conv(head.conv_mid, clip), 0.2))


def _upsample(upsampler: Upsampler, clip: Tensor) -> Tensor:
    for conv in (upsampler.conv1, upsampler.conv2):
        clip = _to_clip(F.pixel_shuffle(_to_frames(_conv(conv, clip)), 2))
    return clip


def _reconstruct(reconstruction: Reconstruction, clip: Tensor) -> Tensor:
    clip = _conv(reconstruction.fusion, clip)
    for block in reconstruction.blocks:
        clip = clip + _conv(block.conv2, F.relu(_conv(block.conv1, clip)))
    return _upsample(reconstruction.upsampler, clip)


def _encode(encoder: Encoder, clip: Tensor) -> Tensor:
    clip = F.leaky_relu(_conv(encoder.conv_in, clip), 0.2)
    clip = F.leaky_relu(encoder.down1(clip), 0.2)
    return F.leaky_relu(encoder.down2(clip), encoder.last_slope)


def _transform(transformer: RaindropTransformer, clip: Tensor,
               mask: Tensor) -> Tensor:
    """What is to be added to a clip without streaks."""
    guided = _encode(transformer.guided_encoder,
                     torch.cat([clip, mask], dim=1))
    first = _split(transformer, guided)
    second = transformer.token_mixer(torch.cat([
        _split(transformer, _encode(transformer.frame_encoder, clip)),
        _split(transformer, _encode(transformer.masked_encoder,
                                    clip * (1 - mask)))], dim=-1))
    for block in transformer.blocks:
        for _ in range(transformer.repeats):
            first, second = _two_streams(block, first, second)
    frames = _compose(transformer, _fuse(transformer.fusion, first, second),
                      guided.shape[2:])
    return _conv(transformer.head,
                 _upsample(transformer.upsampler, _to_clip(frames)))


def _split(transformer: RaindropTransformer, clip: Tensor) -> Tensor:
    """(1, c, t, h, w) -> tokens (1, t * l, channels)."""
    conv = transformer.soft_split
    patches = F.unfold(_to_frames(clip), conv.kernel_size,
                       padding=conv.padding, stride=conv.stride)
    tokens = F.linear(patches.transpose(1, 2), conv.weight.flatten(1),
                      conv.bias)
    return tokens.flatten(0, 1)[None]


def _compose(transformer: RaindropTransformer, tokens: Tensor,
             shape: torch.Size) -> Tensor:
    """Tokens (1, t * l, channels) -> frames (t, c, h, w)."""
    part = transformer.soft_composition
    patches = F.linear(tokens[0].unflatten(0, (shape[0], -1)),
                       part.weight.flatten(1).t(), part.bias.flatten())
    frames = F.fold(patches.transpose(1, 2), shape[1:], part.kernel,
                    padding=part.padding, stride=part.stride)
    return part.smoothing(frames)


def _attend(attention: Attention, tokens: Tensor, context: Tensor) -> Tensor:
    def heads(linear: nn.Linear, x: Tensor) -> Tensor:
        return linear(x).unflatten(2, (attention.heads, -1)).transpose(1, 2)

    query = heads(attention.query, tokens)
    scores = query @ heads(attention.key, context).mT
    weights = (scores / query.shape[-1]**0.5).softmax(dim=-1)
    out = weights @ heads(attention.value, context)
    return attention.output(out.transpose(1, 2).flatten(2))


def _two_streams(block: DualBlock, *streams: Tensor) -> list[Tensor]:
    results = []
    for stream, ffn in zip(streams, (block.ffn1, block.ffn2), strict=True):
        normed = block.norm1(stream)
        stream = stream + _attend(block.attention, normed, normed)
        results.append(stream + ffn(block.norm2(stream)))
    return results


def _fuse(block: FusionBlock, first: Tensor, second: Tensor) -> Tensor:
    first = block.norm1(first)
    out = first + _attend(block.attention, first, block.norm1(second))
    return out + block.ffn(block.norm2(out))


ORDER = OfficialOrder(
    prepare,
    settings=dict(window=5, stride=1, tile=(256, 256), tile_overlap=32),
    size=(6, 256, 384),
    says='every start of a window, each frame computed in five of them, in '
    'overlapping tiles; 3-D convolutions, unfold and fold, attention as '
    'products and softmax; contiguous layout')
