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
        converter: Module that turns the official checkpoint into ours; None
            where there is no official checkpoint.
        config: The paper's recipe, relative to ``configs/derainers``.
        arguments: What the released network is built with, where this is not
            the class's default.
    """

    name: str
    network: str
    converter: str | None
    config: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def network_class(self) -> type:
        """The network's class; imports it."""
        module, _, name = self.network.rpartition('.')
        return getattr(import_module(module), name)

    def build_network(self, **arguments) -> Any:
        """Build the released network, or one with other arguments."""
        return self.network_class()(**{**self.arguments, **arguments})


METHODS = {method.name: method for method in (
    Method(
        name='attentive_gan',
        network='mmderain.models.networks.attentive_gan.generator.'
        'AttentiveGANGenerator',
        converter='mmderain.checkpoints.converters.attentive_gan',
        config='AttentiveGAN/AttentiveGAN.py'),
    Method(
        name='vimpnet',
        network='mmderain.models.networks.vimpnet.network.ViMPNet',
        converter='mmderain.checkpoints.converters.vimpnet',
        config='ViMPNet/ViMPNet.py'),
    Method(
        name='eevrsr',
        network='mmderain.models.networks.eevrsr.network.EEVRSRNet',
        converter='mmderain.checkpoints.converters.eevrsr',
        config='EEVRSR/EEVRSR.py'),
    Method(
        name='eevrsr_derain_only',
        network='mmderain.models.networks.eevrsr.network.EEVRSRNet',
        converter='mmderain.checkpoints.converters.eevrsr',
        config='EEVRSR/EEVRSR_derain_only.py',
        arguments=dict(motion_compensation=False)),
    Method(
        name='j4rnet',
        network='mmderain.models.networks.j4rnet.network.J4RNet',
        converter=None,
        config='J4RNet/J4RNet.py'),
    Method(
        name='j4rnet_released_brcn',
        network='mmderain.models.networks.j4rnet.released_brcn.'
        'J4RReleasedBRCNNet',
        converter='mmderain.checkpoints.converters.j4rnet_released_brcn',
        config='J4RNet/J4RNet.py'),
    Method(
        name='j4rnet_released_gru',
        network='mmderain.models.networks.j4rnet.released_gru.'
        'J4RReleasedGRUNet',
        converter='mmderain.checkpoints.converters.j4rnet_released_gru',
        config='J4RNet/J4RNet.py'),
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
