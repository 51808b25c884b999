"""J4R-Net as an MMagic model: its luma, its losses and its windows."""


from mmagic.registry import MODELS
from mmagic.structures import DataSample
from mmengine.logging import print_log
from torch import Tensor

from mmderain.errors import ConfigError, DataError
from mmderain.models.base import BaseDerainer
from mmderain.models.j4rnet.restoration import CONVENTION, J4RRestoration
from mmderain.models.luma import clip_to_luma

# Its luma spans 16 to 235 of 255: so much of a change in RGB is left.
_STUDIO_SPAN = 219 / 255
_TRUTHS = ('data', 'pair')


@MODELS.register_module()
class J4RDerainer(J4RRestoration, BaseDerainer):
    """Rain erased or filled in video (Liu et al., CVPR 2018).

    RGB in; MATLAB's studio luma, in [16/255, 235/255], through the network;
    the rainy frame's chroma back; RGB out. For ``J4RNet`` and for the two
    released networks.

    Trains with the loss of the paper's talk, on luma; the weights are in the
    configs of its terms:

    * ``loss_joint``: restored against clean luma
    * ``loss_detect``: degradation map
    * ``loss_rect``: high frequencies of the expected detail against those of
      the clean luma
    * ``loss_removal``: streaks

    A term whose config is None is left out, and the log says so.

    Differs from the official code, which can only test: the patches are not
    transposed (the conversions turn the kernels instead), and sequences keep
    their first and last frames.

    Args:
        generator: Config of the network.
        pixel_loss: Of the restored luma.
        occlusion_loss: Of the degradation map.
        detail_loss: Of the expected detail.
        streak_loss: Of the streaks.
        streak_truth: 'data' reads the streak layer of the data, as they added
            it to the RGB frame (``streak_map``); 'pair' derives it: what the
            rainy frame's luma has more than the clean one's.
        occlusion_truth: 'data' reads the map of the data (``occlusion_mask``);
            'pair' derives it: where the lumas of the pair differ by more than
            ``occlusion_threshold``. Our choice for sets without a map.
        occlusion_threshold: In units of luma, from 0 to 1.
        **kwargs: As for :class:`BaseDerainer`. ``test_cfg`` may hold
            ``running=True``: let the network's state run over the whole clip,
            frame by frame, instead of windows that start anew. The clip is
            then restored with each frame's features computed once, in whole
            frames.

    Raises:
        ConfigError: A choice is unknown, or ``running`` is to run in tiles or
            in batches of windows.
    """

    restoration = J4RRestoration

    def __init__(self,
                 generator: dict,
                 pixel_loss: dict,
                 occlusion_loss: dict | None = None,
                 detail_loss: dict | None = None,
                 streak_loss: dict | None = None,
                 streak_truth: str = 'data',
                 occlusion_truth: str = 'data',
                 occlusion_threshold: float = 0.2,
                 **kwargs) -> None:
        super().__init__(generator, pixel_loss, **kwargs)
        for name, value in (('streak_truth', streak_truth),
                            ('occlusion_truth', occlusion_truth)):
            if value not in _TRUTHS:
                raise ConfigError(f'{name} has to be one of {_TRUTHS}, but '
                                  f'is {value!r}.')
        self.streak_truth = streak_truth
        self.occlusion_truth = occlusion_truth
        self.occlusion_threshold = occlusion_threshold
        losses = dict(occlusion_loss=occlusion_loss, detail_loss=detail_loss,
                      streak_loss=streak_loss)
        for name, loss in losses.items():
            setattr(self, name, None if loss is None else MODELS.build(loss))
        left_out = [name for name, loss in losses.items() if loss is None]
        if left_out:
            print_log(f'J4RDerainer: without {", ".join(left_out)}; these '
                      'terms are None in the config', logger='current')

    def forward_train(self, inputs: Tensor, data_samples: DataSample,
                      **kwargs) -> dict[str, Tensor]:
        """Compute the losses.

        Args:
            inputs: Rainy clips (n, t, 3, h, w), RGB in [0, 1].
            data_samples: ``gt_img`` (n, t, 3, h, w); with truths from the
                data ``streak_map`` and ``occlusion_mask`` (n, t, 1, h, w); all
                in [0, 1].

        Returns:
            dict[str, Tensor]: The terms that are not left out.

        Raises:
            ConfigError: The network does not return what a term is about.
            DataError: The data lack the truth of a term.
        """
        rainy, clean = (clip_to_luma(clip, CONVENTION)
                        for clip in (inputs, data_samples.gt_img))
        output = self.generator(rainy)
        losses = dict(loss_joint=self.pixel_loss(output.restored, clean))
        if self.occlusion_loss is not None:
            losses['loss_detect'] = self.occlusion_loss(
                self._field(output, 'occlusion_logits', 'occlusion_loss'),
                self._occlusion(rainy, clean, data_samples))
        if self.detail_loss is not None:
            losses['loss_rect'] = self.detail_loss(
                self._field(output, 'detail', 'detail_loss'), clean)
        if self.streak_loss is not None:
            losses['loss_removal'] = self.streak_loss(
                self._field(output, 'streaks', 'streak_loss'),
                self._streaks(rainy, clean, data_samples))
        return losses

    def _field(self, output: tuple, name: str, loss: str) -> Tensor:
        value = getattr(output, name, None)
        if value is None:
            raise ConfigError(
                f'{loss} is about {name}, which this '
                f'{type(self.generator).__name__} does not return; set '
                f'model.{loss}=None.')
        return value

    def _streaks(self, rainy: Tensor, clean: Tensor,
                 sample: DataSample) -> Tensor:
        if self.streak_truth == 'pair':
            return (rainy - clean).clamp(min=0)
        return _STUDIO_SPAN * _truth(sample, 'streak_map', 'streak')

    def _occlusion(self, rainy: Tensor, clean: Tensor,
                   sample: DataSample) -> Tensor:
        if self.occlusion_truth == 'pair':
            return ((rainy - clean).abs() > self.occlusion_threshold).float()
        return _truth(sample, 'occlusion_mask', 'occlusion')


def _truth(sample: DataSample, name: str, term: str) -> Tensor:
    value = sample.get(name)
    if value is None:
        raise DataError(
            f'The data have no {name}, which model.{term}_loss compares with. '
            f"Set model.{term}_truth='pair' to derive it from the pair, or "
            f'model.{term}_loss=None to leave the term out.')
    return value
