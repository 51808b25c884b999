"""LPIPS through its authors' package, with weights that are sure to be it."""

import warnings
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torchvision.models import AlexNet_Weights

from mmderain.checkpoints.pretrained import PretrainedFile
from mmderain.checkpoints.safe_loading import load_checkpoint_file
from mmderain.errors import ConfigError, UserError
from mmderain.evaluation.scorers import Scorer

_URL = AlexNet_Weights.IMAGENET1K_V1.url


class LPIPSScorer(Scorer):
    """LPIPS with AlexNet (version 0.1), lower is better.

    Zhang et al., "The Unreasonable Effectiveness of Deep Features as a
    Perceptual Metric", CVPR 2018; the package ``lpips`` holds its calibration.
    AlexNet itself is torchvision's, downloaded at the first use.

    Args:
        order: How channels go in: 'rgb', as they should, or 'bgr', as the
            scripts do that read frames with OpenCV.
        pretrained: File of torchvision's AlexNet, instead of the download.
        device: Where to compute; a GPU where there is one when None.

    Raises:
        ConfigError: There is no such order.
        UserError: The package is not installed.
        CheckpointError: The weights cannot be had.
    """

    names = ('LPIPS', )

    def __init__(self, order: str = 'rgb', pretrained: str | None = None,
                 device: str | None = None) -> None:
        if order not in ('rgb', 'bgr'):
            raise ConfigError(f"LPIPS: order has to be 'rgb' or 'bgr', but is "
                              f'{order!r}.')
        self.order = order
        self.device = device or (
            'cuda' if torch.cuda.is_available() else 'cpu')
        self.network = _load_network(pretrained).to(self.device)

    def __call__(self, restored: np.ndarray,
                 clean: np.ndarray) -> dict[str, float]:
        """Score the next frame."""
        with torch.no_grad():
            distance = self.network(self._to_tensor(restored),
                                    self._to_tensor(clean))
        return dict(LPIPS=float(distance))

    def _to_tensor(self, frame: np.ndarray) -> Tensor:
        """(h, w, 3) uint8 -> (1, 3, h, w) in [-1, 1]."""
        if self.order == 'bgr':
            frame = frame[..., ::-1]
        tensor = torch.from_numpy(np.ascontiguousarray(frame))
        return tensor.to(self.device).permute(2, 0, 1)[None] / 127.5 - 1


def _load_network(pretrained: str | None) -> nn.Module:
    try:
        import lpips
    except ImportError as error:
        raise UserError('LPIPS needs the package lpips, which is not '
                        'installed: pip install lpips') from error
    file = PretrainedFile('AlexNet', pretrained or _URL, _help())
    weights = file.load(lambda: _read(pretrained))
    with warnings.catch_warnings():
        # it calls torchvision in a way that is going out
        warnings.simplefilter('ignore')
        network = lpips.LPIPS(net='alex', pnet_rand=True, verbose=False)
    state = network.net.state_dict()
    # its slices keep torchvision's numbers: slice2.3.bias is features.3.bias
    names = {f'features.{name.partition(".")[2]}': name for name in state}
    fitting = file.fitting(weights, {
        name: state[ours] for name, ours in names.items()})
    network.net.load_state_dict({
        names[name]: value for name, value in fitting.items()})
    return network.eval().requires_grad_(False)


def _read(pretrained: str | None) -> object:
    if pretrained:
        return load_checkpoint_file(Path(pretrained))
    # not MMEngine's loader: its processes wait for each other, which ends
    # badly if one of them cannot reach the internet
    return torch.hub.load_state_dict_from_url(
        _URL, map_location='cpu', check_hash=True, weights_only=True)


def _help() -> str:
    return (f"LPIPS needs torchvision's AlexNet (233 MB). Where there is "
            f'internet, download {_URL} and put it into '
            f'{torch.hub.get_dir()}/checkpoints, or name its path '
            '(pretrained=..., --lpips-weights).')
