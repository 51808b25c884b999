"""EEVRSR as its official graph goes about a clip, computed by PyTorch.

The official code is a graph of TensorFlow 1, which this is not: its operations
in its order, in its layout (channels last), by PyTorch's kernels.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmderain.models.eevrsr.network import DerainNet, EEVRSRNet
from mmderain.models.eevrsr.restoration import CENTRE, CONVENTION
from mmderain.models.luma import clip_to_luma, replace_luma
from mmderain.models.official_order import OfficialOrder, RestoreClip
from mmderain.models.restoration import WindowRestoration


def prepare(restoration: WindowRestoration) -> RestoreClip:
    """Frame by frame, each as a whole, each operation by itself."""
    network = restoration.generator

    @torch.no_grad()
    def restore(clip: Tensor) -> Tensor:
        clip = clip.float() / 255
        luma = clip_to_luma(clip, CONVENTION)
        frames = [
            replace_luma(clip[centre], _centre(
                network, luma[centre - CENTRE:centre + CENTRE + 1]),
                CONVENTION)
            for centre in range(CENTRE, len(clip) - CENTRE)]
        return torch.stack(frames)

    return restore


def _centre(network: EEVRSRNet, luma: Tensor) -> Tensor:
    """(5, 1, h, w) -> (1, h, w)."""
    planes = list(network.compensate(luma[None])[0])
    planes.insert(CENTRE, luma[CENTRE])
    residual = _derain(network.derain, torch.cat(planes)[None])
    return luma[CENTRE] + residual[0]


def _derain(network: DerainNet, planes: Tensor) -> Tensor:
    """(1, 5, h, w) -> (1, 1, h, w), all features of the frame at once."""
    *layers, last = network.layers
    x = network.conv_in(
        planes.contiguous(memory_format=torch.channels_last))
    for layer in layers:
        x = torch.cat([x, _dense(layer, x)], dim=1)
    x = network.conv1(F.relu(network.norm1(_dense(last, x))))
    return network.conv_out(F.relu(network.norm2(x)))


def _dense(layer: nn.Module, x: Tensor) -> Tensor:
    """A dense layer, normalisation and convolution apart."""
    x = layer.conv1(F.relu(layer.norm1(x)))
    return layer.conv2(F.relu(layer.norm2(x)))


ORDER = OfficialOrder(
    prepare, settings=dict(padding=None, tile=None), size=(6, 480, 640),
    left_out=CENTRE,
    says='frame by frame, whole frames, each operation by itself; '
    "TensorFlow's graph computed by PyTorch, not by TensorFlow")
