"""The one table of methods: what belongs to each name.

The commands, the converters and the documents read it. It imports nothing
heavy; classes are found when they are asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from mmderain.errors import UserError


@dataclass(frozen=True)
class Method:
    """What belongs to a method.

    Args:
        name: As the commands and checkpoints call it.
        network: Dotted path of the network's class.
        derainer: Dotted path of the derainer's class.
        converter: Module that turns the official checkpoint into ours; None
            where there is no official checkpoint.
        config: The paper's recipe, relative to ``configs/derainers``.
        arguments: What the released network is built with, where this is not
            the class's default.
        test_cfg: How the derainer tests when nothing else is said: as the
            paper's recipe does.
        bytes_per_pixel: Memory that a window takes for each pixel of a frame,
            measured on the CPU in float32 and rounded up; for ``--tile auto``.
        bfloat16: It was trained in bfloat16 and computes in it where a device
            is fast with it and nothing else is said.
    """

    name: str
    network: str
    derainer: str
    converter: str | None
    config: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    test_cfg: Mapping[str, Any] = field(default_factory=dict)
    bytes_per_pixel: int = 30_000
    bfloat16: bool = False

    def network_class(self) -> type:
        """The network's class; imports it."""
        return _find_class(self.network)

    def derainer_class(self) -> type:
        """The derainer's class; imports it, and MMagic's models."""
        return _find_class(self.derainer)

    def build_network(self, **arguments) -> Any:
        """Build the released network, or one with other arguments."""
        return self.network_class()(**{**self.arguments, **arguments})


def _find_class(path: str) -> type:
    module, _, name = path.rpartition('.')
    return getattr(import_module(module), name)


_DERAINERS = 'mmderain.models.derainers.'

METHODS = {method.name: method for method in (
    Method(
        name='aligned_median',
        network='mmderain.models.networks.aligned_median.AlignedMedianNet',
        derainer=_DERAINERS + 'aligned_median_derainer.AlignedMedianDerainer',
        converter=None,
        config='AlignedMedian/AlignedMedian_shipped.py',
        test_cfg=dict(padding='reflect', tile=None),
        bytes_per_pixel=2_000,
        bfloat16=True),
    Method(
        name='attentive_gan',
        network='mmderain.models.networks.attentive_gan.generator.'
        'AttentiveGANGenerator',
        derainer=_DERAINERS + 'attentive_gan_derainer.AttentiveGANDerainer',
        converter='mmderain.checkpoints.converters.attentive_gan',
        config='AttentiveGAN/AttentiveGAN.py',
        test_cfg=dict(tile=None)),
    Method(
        name='vimpnet',
        network='mmderain.models.networks.vimpnet.network.ViMPNet',
        derainer=_DERAINERS + 'vimp_derainer.ViMPDerainer',
        converter='mmderain.checkpoints.converters.vimpnet',
        config='ViMPNet/ViMPNet.py',
        test_cfg=dict(window=5, stride=1, tile=(256, 256),
                      tile_overlap=32),
        bytes_per_pixel=6_000),
    Method(
        name='eevrsr',
        network='mmderain.models.networks.eevrsr.network.EEVRSRNet',
        derainer=_DERAINERS + 'eevrsr_derainer.EEVRSRDerainer',
        converter='mmderain.checkpoints.converters.eevrsr',
        config='EEVRSR/EEVRSR.py',
        test_cfg=dict(padding='replicate', tile=None),
        bytes_per_pixel=1_500),
    Method(
        name='eevrsr_derain_only',
        network='mmderain.models.networks.eevrsr.network.EEVRSRNet',
        derainer=_DERAINERS + 'eevrsr_derainer.EEVRSRDerainer',
        converter='mmderain.checkpoints.converters.eevrsr',
        config='EEVRSR/EEVRSR_derain_only.py',
        arguments=dict(motion_compensation=False),
        test_cfg=dict(padding='replicate', tile=None),
        bytes_per_pixel=1_500),
    Method(
        name='j4rnet',
        network='mmderain.models.networks.j4rnet.network.J4RNet',
        derainer=_DERAINERS + 'j4r_derainer.J4RDerainer',
        converter=None,
        config='J4RNet/J4RNet.py',
        test_cfg=dict(window=9, stride=9, tile=None),
        bytes_per_pixel=25_000),
    Method(
        name='j4rnet_released_brcn',
        network='mmderain.models.networks.j4rnet.released_brcn.'
        'J4RReleasedBRCNNet',
        derainer=_DERAINERS + 'j4r_derainer.J4RDerainer',
        converter='mmderain.checkpoints.converters.j4rnet_released_brcn',
        config='J4RNet/J4RNet.py',
        test_cfg=dict(window=9, stride=7, tile=None),
        bytes_per_pixel=27_000),
    Method(
        name='j4rnet_released_gru',
        network='mmderain.models.networks.j4rnet.released_gru.'
        'J4RReleasedGRUNet',
        derainer=_DERAINERS + 'j4r_derainer.J4RDerainer',
        converter='mmderain.checkpoints.converters.j4rnet_released_gru',
        config='J4RNet/J4RNet.py',
        test_cfg=dict(window=9, stride=7, tile=None)),
)}


def get_method(name: str) -> Method:
    """Look a method up.

    Raises:
        UserError: There is none of that name; the known ones are listed.
    """
    # a checkpoint may say anything, not only names
    if not isinstance(name, str) or name not in METHODS:
        raise UserError(f'mmderain has no method {name!r}; it has '
                        f'{", ".join(sorted(METHODS))}')
    return METHODS[name]
