"""Attentive GAN as an MMagic model: its losses and its two steps."""

import torch
import torch.nn.functional as F
from mmagic.models.utils import set_requires_grad
from mmagic.registry import MODELS
from mmagic.structures import DataSample
from mmengine.optim import OptimWrapper, OptimWrapperDict
from torch import Tensor

from mmderain.errors import ConfigError, DivergedError
from mmderain.models.attentive_gan.generator import AttentiveGANOutput
from mmderain.models.attentive_gan.restoration import AttentiveGANRestoration
from mmderain.models.base import BaseDerainer


@MODELS.register_module()
class AttentiveGANDerainer(AttentiveGANRestoration, BaseDerainer):
    """Raindrops from images (Qian et al., CVPR 2018).

    The authors published no training code. The losses are the paper's
    (arXiv 1711.10098, section 4; equations as reimplementations agree on
    them). Of the generator:

    * ``loss_attention``: sum over the steps of 0.8^(4-n) MSE(A_n, M), M the
      raindrop mask
    * ``loss_quarter``, ``loss_half``, ``loss_pix``: MSE at a quarter of the
      size, at half and at full size, times 0.6, 0.8 and 1.0
    * ``loss_perceptual``: MSE of VGG16's features
    * ``loss_gan``: times 0.01

    and of the discriminator:

    * ``loss_d_real``, ``loss_d_fake``: -log D(clean), -log(1 - D(restored))
    * ``loss_d_map``: 0.05 (MSE(D_map(restored), A_4) + MSE(D_map(clean), 0))

    Differs from the paper:

    * With ``GANLoss('vanilla')``, which is -log D(restored) on logits, the
      generator's adversarial loss is the bounded one of the two that are
      usual. The paper's log(1 - D(restored)) has no lower bound, and hardly a
      gradient while the discriminator is right.
    * The smaller clean images are means over 2 x 2 and 4 x 4 pixels; the paper
      does not say how they are made.
    * Training stops where a loss is no longer finite.

    For training it needs an optimiser for ``generator`` and one for
    ``discriminator`` (``MultiOptimWrapperConstructor``) and, on several
    processes, ``SeparateDistributedDataParallel``.

    Args:
        generator: Config of the network.
        discriminator: Config of the discriminator.
        pixel_loss: Of the restored images of each size.
        attention_loss: Of an attention map.
        gan_loss: MMagic's ``GANLoss``; its weight counts for the generator.
        map_loss: Of the discriminator's map.
        perceptual_loss: Of the restored image; None for none.
        attention_decay: Weight of a step of the attention, relative to the
            next one.
        scale_weights: Of a quarter of the size, half and full size.
        **kwargs: As for :class:`BaseDerainer`. Its ``test_cfg`` may hold
            ``official_cast=True``: the bytes that the official script writes,
            which cuts fractions off and wraps values outside of [0, 255]
            around. For comparison only.
    """

    restoration = AttentiveGANRestoration

    def __init__(self,
                 generator: dict,
                 discriminator: dict,
                 pixel_loss: dict,
                 attention_loss: dict,
                 gan_loss: dict,
                 map_loss: dict,
                 perceptual_loss: dict | None = None,
                 attention_decay: float = 0.8,
                 scale_weights: tuple[float, float, float] = (0.6, 0.8, 1.0),
                 **kwargs) -> None:
        super().__init__(generator, pixel_loss, **kwargs)
        self.discriminator = MODELS.build(discriminator)
        self.attention_loss = MODELS.build(attention_loss)
        self.gan_loss = MODELS.build(gan_loss)
        self.map_loss = MODELS.build(map_loss)
        self.perceptual_loss = (
            None if perceptual_loss is None else MODELS.build(perceptual_loss))
        self.attention_decay = attention_decay
        self.scale_weights = scale_weights


    def train_step(self, data: dict,
                   optim_wrapper: OptimWrapperDict) -> dict[str, Tensor]:
        """A step of the generator, then one of the discriminator.

        Args:
            data: Clips of one frame, for the data preprocessor; with
                ``gt_img`` and ``drop_mask``.
            optim_wrapper: One for ``generator``, one for ``discriminator``.

        Returns:
            dict[str, Tensor]: Every loss, for the log.

        Raises:
            ConfigError: There is not one optimiser for each of the two.
            DivergedError: A loss is not finite.
        """
        names = (set(optim_wrapper.keys()) if isinstance(
            optim_wrapper, OptimWrapperDict) else set())
        if names != {'generator', 'discriminator'}:
            raise ConfigError(
                'AttentiveGANDerainer needs optim_wrapper=dict(constructor='
                "'MultiOptimWrapperConstructor', generator=..., "
                'discriminator=...), got '
                f'{sorted(names) or type(optim_wrapper).__name__}.')
        data = self.data_preprocessor(data, True)
        # (n, 1, c, h, w) -> (n, c, h, w)
        rainy, clean, mask = (
            clip.flatten(0, 1) for clip in (
                data['inputs'], data['data_samples'].gt_img,
                data['data_samples'].drop_mask))

        optimiser = optim_wrapper['generator']
        set_requires_grad(self.discriminator, False)
        with optimiser.optim_context(self):
            output = self.generator(rainy)
            losses = self.generator_losses(output, clean, mask)
        log = self._update(losses, optimiser)

        optimiser = optim_wrapper['discriminator']
        set_requires_grad(self.discriminator, True)
        with optimiser.optim_context(self):
            losses = self.discriminator_losses(
                output.restored.detach(), clean,
                output.attention[:, -1].detach())
        return {**log, **self._update(losses, optimiser)}

    def generator_losses(self, output: AttentiveGANOutput, clean: Tensor,
                         mask: Tensor) -> dict[str, Tensor]:
        """The terms of the generator's loss, weighted.

        Args:
            output: Of the generator.
            clean: Shape (n, 3, h, w), RGB in [0, 1].
            mask: Raindrop mask, (n, 1, h, w), in [0, 1].
        """
        steps = output.attention.unbind(1)
        losses = dict(loss_attention=sum(
            self.attention_decay**(len(steps) - number)
            * self.attention_loss(step, mask)
            for number, step in enumerate(steps, 1)))
        for name, weight, image, target in zip(
                ('loss_quarter', 'loss_half', 'loss_pix'), self.scale_weights,
                (output.quarter, output.half, output.restored),
                (F.avg_pool2d(clean, 4), F.avg_pool2d(clean, 2), clean),
                strict=True):
            losses[name] = weight * self.pixel_loss(image, target)
        if self.perceptual_loss is not None:
            losses['loss_perceptual'] = self.perceptual_loss(
                output.restored, clean)
        losses['loss_gan'] = self.gan_loss(
            self.discriminator(output.restored).logits, target_is_real=True,
            is_disc=False)
        return losses

    def discriminator_losses(self, restored: Tensor, clean: Tensor,
                             attention: Tensor) -> dict[str, Tensor]:
        """The terms of the discriminator's loss, weighted.

        Args:
            restored: Shape (n, 3, h, w), RGB, detached from the generator.
            clean: Same shape, in [0, 1].
            attention: The generator's last map, (n, 1, h, w), detached.
        """
        # One pass: distributed training wants one before each backward pass.
        judged = self.discriminator(torch.cat([restored, clean]))
        fake, real = judged.logits.chunk(2)
        fake_map, real_map = judged.attention.chunk(2)
        return dict(
            loss_d_real=self.gan_loss(real, target_is_real=True,
                                      is_disc=True),
            loss_d_fake=self.gan_loss(fake, target_is_real=False,
                                      is_disc=True),
            loss_d_map=self.map_loss(fake_map, attention)
            + self.map_loss(real_map, torch.zeros_like(real_map)))

    def _update(self, losses: dict[str, Tensor],
                optimiser: OptimWrapper) -> dict[str, Tensor]:
        """One step of an optimiser; returns the losses for the log."""
        broken = [name for name, loss in losses.items()
                  if not loss.isfinite().all()]
        if broken:
            raise DivergedError(
                f'Training has diverged: {", ".join(broken)} is no longer '
                'finite. Resume from an earlier checkpoint with a lower '
                'optim_wrapper.*.optimizer.lr or a smaller '
                'optim_wrapper.*.clip_grad.max_norm.')
        total, log = self.parse_losses(losses)
        optimiser.update_params(total)
        # the sums of both steps would have one name
        del log['loss']
        return log

    def forward_train(self, inputs: Tensor, data_samples: DataSample,
                      **kwargs) -> None:
        """Where a wrapper for models with one loss leads to.

        Raises:
            ConfigError: Always.
        """
        raise ConfigError(
            'AttentiveGANDerainer trains two networks in turn. On several '
            'processes it needs model_wrapper_cfg=dict('
            "type='mmagic.SeparateDistributedDataParallel').")
