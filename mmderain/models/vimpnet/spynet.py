"""The optical flow: MMagic's SPyNet, in any width."""

import torch
from mmagic.models.editors.basicvsr.basicvsr_net import SPyNet as MMagicSPyNet
from mmcv.cnn import ConvModule
from mmengine.runner.checkpoint import CheckpointLoader
from torch import nn

from mmderain.checkpoints.pretrained import PretrainedFile


class SPyNet(MMagicSPyNet):
    """MMagic's SPyNet with a choice of channels, and without a file.

    Args:
        channels: Of the four inner layers of each pyramid level. Only the
            default fits the pretrained file.
    """

    def __init__(self, channels: tuple[int, int, int, int]) -> None:
        super().__init__(pretrained=None)
        # two images and a flow in, a flow out
        widths = (8, *channels, 2)
        for level in self.basic_module:
            level.basic_module = nn.Sequential(*(
                ConvModule(
                    widths[i], widths[i + 1], 7, padding=3,
                    act_cfg=dict(type='ReLU') if i < 4 else None)
                for i in range(5)))

    def load_file(self, source: str) -> None:
        """Load pretrained weights.

        Args:
            source: Path or URL.

        Raises:
            CheckpointError: The file cannot be loaded or does not fit.
        """
        file = PretrainedFile(
            'SPyNet', source,
            'Download the file with internet access and put it into '
            f'{torch.hub.get_dir()}/checkpoints, or pass its path as '
            'model.generator.spynet_pretrained=/path/to/file, or start '
            'without it: model.generator.spynet_pretrained=None. The released '
            'file fits spynet_channels=(32, 64, 32, 16) only.')
        given = file.load(lambda: CheckpointLoader.load_checkpoint(
            source, map_location='cpu'))
        # The file lacks the two constants that normalise the images.
        wanted = {name: value for name, value in self.state_dict().items()
                  if name.startswith('basic_module.')}
        self.load_state_dict(file.fitting(
            given.get('state_dict', given), wanted), strict=False)
