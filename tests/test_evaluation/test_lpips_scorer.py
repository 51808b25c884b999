"""LPIPS is the package's; without weights the rest goes on."""

import math
import urllib.error

import lpips
import numpy as np
import pytest
import torch
from mmagic.registry import METRICS
from mmengine.registry import DefaultScope

from mmderain.errors import CheckpointError, ConfigError, UserError
from mmderain.evaluation.lpips_scorer import LPIPSScorer
from mmderain.evaluation.metrics import (
    LPIPS,
    ProtocolScores,
    paired_metrics,
)


@pytest.fixture(scope='module')
def package():
    """The package's network, with a random backbone."""
    torch.manual_seed(0)
    return lpips.LPIPS(net='alex', pnet_rand=True, verbose=False)


@pytest.fixture(scope='module')
def weights(package, tmp_path_factory):
    """The backbone, named as torchvision's AlexNet."""
    path = tmp_path_factory.mktemp('weights') / 'alexnet.pth'
    torch.save({f'features.{name.partition(".")[2]}': value
                for name, value in package.net.state_dict().items()}, path)
    return str(path)


@pytest.fixture(scope='module')
def pair():
    rng = np.random.default_rng(0)
    clean = rng.integers(0, 200, (64, 80, 3), np.uint8)
    return clean + rng.integers(0, 50, clean.shape, np.uint8), clean


def sample(restored, clean, frames=2):
    clips = [torch.from_numpy(frame).permute(2, 0, 1).repeat(frames, 1, 1, 1)
             for frame in (restored, clean)]
    return dict(output=dict(pred_img=clips[0]), gt_img=clips[1], key='a')


def test_equals_the_package_for_either_order(package, weights, pair):
    def tensor(frame):
        return torch.from_numpy(frame.copy()).permute(2, 0, 1)[None] / 255

    found = {}
    for order, step in (('rgb', 1), ('bgr', -1)):
        expected = package(*(tensor(frame[..., ::step]) for frame in pair),
                           normalize=True).item()
        found[order] = LPIPSScorer(order, weights, 'cpu')(*pair)['LPIPS']
        assert found[order] == pytest.approx(expected, abs=1e-6)
    assert abs(found['rgb'] - found['bgr']) > 1e-4
    assert LPIPSScorer('rgb', weights)(pair[1], pair[1])['LPIPS'] == 0


def test_vrds_hands_frames_over_as_its_script_does(weights, pair):
    for protocol, order in (('vrds', 'bgr'), ('rainsyn', 'rgb')):
        metric = LPIPS(protocol, pretrained=weights, device='cpu')
        metric.process(None, [sample(*pair)])
        found = metric.compute_metrics(metric.results)
        expected = LPIPSScorer(order, weights, 'cpu')(*pair)['LPIPS']
        assert found == dict(LPIPS=pytest.approx(expected, abs=1e-6))


def test_weights_that_cannot_be_had_say_which_file_goes_where(monkeypatch):
    def offline(*args, **kwargs):
        raise urllib.error.URLError('no route to host')

    monkeypatch.setattr(torch.hub, 'load_state_dict_from_url', offline)
    with pytest.raises(CheckpointError, match='no route') as caught:
        LPIPSScorer()
    message = str(caught.value)
    assert 'alexnet-owt-7be5be79.pth' in message
    assert f'{torch.hub.get_dir()}/checkpoints' in message


def test_other_files_and_orders_are_refused(tmp_path):
    path = tmp_path / 'other.pth'
    torch.save({'features.0.weight': torch.zeros(3)}, path)
    with pytest.raises(CheckpointError, match='does not hold the weights of '
                       r'AlexNet; missing or of another shape: features\.0'):
        LPIPSScorer(pretrained=str(path))
    with pytest.raises(CheckpointError, match='nothing.pth'):
        LPIPSScorer(pretrained=str(tmp_path / 'nothing.pth'))
    with pytest.raises(ConfigError, match="has to be 'rgb' or 'bgr'"):
        LPIPSScorer('grey')


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(__import__('sys').modules, 'lpips', None)
    with pytest.raises(UserError, match='pip install lpips'):
        LPIPSScorer()


def test_the_other_metrics_go_on_without_it(monkeypatch, tmp_path, pair):
    said = []
    monkeypatch.setattr(paired_metrics, 'print_log',
                        lambda text, *args: said.append(text))
    metrics = [LPIPS('vrds', pretrained=str(tmp_path / 'nothing.pth')),
               ProtocolScores('vrds')]
    figures = {}
    for metric in metrics:
        metric.process(None, [sample(*pair), sample(*pair)])
        figures.update(metric.compute_metrics(metric.results))
    assert math.isnan(figures['LPIPS'])
    assert math.isfinite(figures['PSNR'])
    assert len(said) == 1 and 'LPIPS is left out' in said[0]


def test_it_is_registered_in_front_of_mmagic():
    with DefaultScope.overwrite_default_scope('mmagic'):
        metric = METRICS.build(dict(type='LPIPS', protocol='vrds',
                                    prefix='VRDS'))
    assert isinstance(metric, LPIPS)
