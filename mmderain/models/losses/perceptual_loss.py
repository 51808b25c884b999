"""The perceptual loss on features of VGG16."""

import torch
import torch.nn.functional as F
from mmagic.registry import MODELS
from mmengine.runner.checkpoint import CheckpointLoader
from torch import Tensor, nn
from torchvision.models import VGG16_Weights, vgg16

from mmderain.checkpoints.pretrained import PretrainedFile

# Places in torchvision's `features`, behind the ReLUs.
_PLACES = dict(relu1_1=1, relu1_2=3, relu2_1=6, relu2_2=8, relu3_1=11,
               relu3_2=13, relu3_3=15, relu4_1=18, relu4_2=20, relu4_3=22)
# ImageNet's, RGB
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@MODELS.register_module()
class VGG16FeatureLoss(nn.Module):
    """Mean squared error of features of VGG16, the mean over some layers.

    Layers and the absence of a normalisation of the input are those of the
    helper that the official code has (github.com/rui1996/DeRaindrop); the
    mean over the layers is our choice, since the loss itself is not published.

    MMagic's ``PerceptualLoss`` does not fit: it downloads its weights in the
    constructor, so that a model could not even be tested without them, takes
    them from torchvision only, and keeps them in every checkpoint. Here they
    are read at the first training step and are not part of the model's state.

    Args:
        layers: Names such as 'relu1_2'.
        pretrained: Path or URL of torchvision's VGG16.
        normalize: Subtract ImageNet's mean and divide by its deviation, as
            VGG16 was trained.
        loss_weight: Factor of the result.

    Raises:
        ValueError: There is no such layer.
    """

    def __init__(self,
                 layers: tuple[str, ...] = ('relu1_1', 'relu1_2', 'relu2_1',
                                            'relu2_2'),
                 pretrained: str = VGG16_Weights.IMAGENET1K_V1.url,
                 normalize: bool = False,
                 loss_weight: float = 1.0) -> None:
        super().__init__()
        unknown = sorted(set(layers) - set(_PLACES))
        if unknown or not layers:
            raise ValueError(f'layers: expected some of {list(_PLACES)}, got '
                             f'{list(layers)}')
        self.places = sorted(_PLACES[layer] for layer in layers)
        self.pretrained = pretrained
        self.normalize = normalize
        self.loss_weight = loss_weight
        # in a list, so that it is not a submodule: see the docstring
        self._network: list[nn.Module] = []

    def forward(self, pred: Tensor, target: Tensor) -> Tensor:
        """Compare images.

        Args:
            pred: Shape (n, 3, h, w), RGB in [0, 1].
            target: Same shape.

        Returns:
            Tensor: The loss.

        Raises:
            CheckpointError: The weights cannot be loaded.
        """
        if not self._network:
            self._network.append(self._load())
        network = self._network[0].to(pred.device)
        with torch.no_grad():
            wanted = self._features(network, target)
        losses = [F.mse_loss(ours, theirs) for ours, theirs in zip(
            self._features(network, pred), wanted, strict=True)]
        return self.loss_weight * sum(losses) / len(losses)

    def _features(self, network: nn.Module, image: Tensor) -> list[Tensor]:
        if self.normalize:
            # (3, ) -> (1, 3, 1, 1)
            mean, std = (image.new_tensor(value)[None, :, None, None]
                         for value in (_MEAN, _STD))
            image = (image - mean) / std
        features = []
        for place, layer in enumerate(network):
            image = layer(image)
            if place in self.places:
                features.append(image)
        return features

    def _load(self) -> nn.Module:
        """The layers that are needed, with their weights, fixed."""
        file = PretrainedFile(
            'VGG16, of the perceptual loss,', self.pretrained,
            "It is torchvision's VGG16 (528 MB). With internet access, "
            f'download {VGG16_Weights.IMAGENET1K_V1.url} and put it into '
            f'{torch.hub.get_dir()}/checkpoints, or pass its path as '
            'model.perceptual_loss.pretrained=/path/to/file, or train '
            'without the term: model.perceptual_loss=None')
        given = file.load(lambda: CheckpointLoader.load_checkpoint(
            self.pretrained, map_location='cpu'))
        with torch.device('meta'):
            network = vgg16(weights=None).features[:self.places[-1] + 1]
        # the file is of the whole network, whose part this is
        wanted = {f'features.{name}': value
                  for name, value in network.state_dict().items()}
        weights = {name.removeprefix('features.'): value
                   for name, value in file.fitting(given, wanted).items()}
        network.load_state_dict(weights, assign=True)
        return network.eval().requires_grad_(False)
