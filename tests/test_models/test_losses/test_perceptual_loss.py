import urllib.error

import pytest
import torch
import torch.nn.functional as F
from mmagic.registry import MODELS
from torchvision.models import vgg16

from mmderain.errors import CheckpointError
from mmderain.models import VGG16FeatureLoss


@pytest.fixture(scope='module')
def vgg_file(tmp_path_factory):
    """The first layers of a VGG16 with random weights, as torchvision's."""
    torch.manual_seed(0)
    with torch.device('meta'):
        features = vgg16(weights=None).features[:9]
    features = features.to_empty(device='cpu')
    for parameter in features.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    path = tmp_path_factory.mktemp('vgg') / 'vgg16.pth'
    torch.save({f'features.{name}': value
                for name, value in features.state_dict().items()}
               | {'classifier.0.bias': torch.zeros(2)}, path)
    return path


def by_hand(path, image):
    """relu1_1, relu1_2, relu2_1, relu2_2 by functions."""
    weights = torch.load(path)

    def layer(number, x):
        return F.relu(F.conv2d(
            x, weights[f'features.{number}.weight'],
            weights[f'features.{number}.bias'], padding=1))

    first = layer(0, image)
    second = layer(2, first)
    third = layer(5, F.max_pool2d(second, 2))
    return [first, second, third, layer(7, third)]


def images():
    generator = torch.Generator().manual_seed(1)
    return torch.rand(2, 2, 3, 16, 20, generator=generator).unbind()


@pytest.mark.parametrize('normalize', [False, True])
def test_is_the_mean_error_of_four_layers(vgg_file, normalize):
    pred, target = images()
    loss = VGG16FeatureLoss(pretrained=str(vgg_file), normalize=normalize,
                            loss_weight=0.5)
    if normalize:
        mean = torch.tensor([0.485, 0.456, 0.406])[:, None, None]
        std = torch.tensor([0.229, 0.224, 0.225])[:, None, None]
        pair = [by_hand(vgg_file, (x - mean) / std) for x in (pred, target)]
    else:
        pair = [by_hand(vgg_file, x) for x in (pred, target)]
    expected = 0.5 * sum(F.mse_loss(ours, theirs) for ours, theirs
                         in zip(*pair, strict=True)) / 4
    torch.testing.assert_close(loss(pred, target), expected)


def test_layers_can_be_chosen(vgg_file):
    pred, target = images()
    loss = VGG16FeatureLoss(('relu1_2', ), str(vgg_file))
    expected = F.mse_loss(by_hand(vgg_file, pred)[1],
                          by_hand(vgg_file, target)[1])
    torch.testing.assert_close(loss(pred, target), expected)
    with pytest.raises(ValueError, match="got \\['relu9_9'\\]"):
        VGG16FeatureLoss(('relu9_9', ))


def test_gradients_reach_the_image_alone(vgg_file):
    pred, target = images()
    pred.requires_grad_(), target.requires_grad_()
    loss = VGG16FeatureLoss(pretrained=str(vgg_file))
    loss(pred, target).backward()
    assert pred.grad.any() and target.grad is None
    assert not list(loss.parameters()) and not loss.state_dict()


def test_no_file_is_read_before_it_is_needed():
    loss = MODELS.build(dict(type='VGG16FeatureLoss',
                             pretrained='/nowhere/vgg16.pth'))
    with pytest.raises(CheckpointError, match='/nowhere/vgg16.pth'):
        loss(*images())


def test_without_internet_the_error_says_what_to_put_where(
        tmp_path, monkeypatch):
    def unreachable(*args, **kwargs):
        raise urllib.error.URLError('no route')

    monkeypatch.setenv('TORCH_HOME', str(tmp_path))
    monkeypatch.setattr(torch.hub, 'download_url_to_file', unreachable)
    with pytest.raises(CheckpointError) as caught:
        VGG16FeatureLoss()(*images())
    text = str(caught.value)
    assert 'https://download.pytorch.org/models/vgg16-397923af.pth' in text
    assert f'{tmp_path}/hub/checkpoints' in text
    assert 'model.perceptual_loss.pretrained=/path/to/file' in text
    assert 'model.perceptual_loss=None' in text


def test_a_file_of_other_weights_is_refused(tmp_path):
    path = tmp_path / 'other.pth'
    for content in ({'features.0.weight': torch.zeros(2)}, torch.zeros(2)):
        torch.save(content, path)
        with pytest.raises(CheckpointError, match=r'other\.pth does not hold '
                           r'(.|\n)*features\.0\.weight'):
            VGG16FeatureLoss(pretrained=str(path))(*images())
