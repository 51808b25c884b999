"""ViMP-Net: the names of the official PyTorch checkpoint.

Released by github.com/TonyHongtaoWu/ViMP-Net as a checkpoint of its training
wrapper: the network under ``generator.`` and a counter of steps.
"""

from torch import Tensor

from mmderain.checkpoints.rules import Conversion, Rule


def _drop_time(value: Tensor) -> Tensor:
    """(o, c, 1, h, w), a convolution over space alone -> (o, c, h, w)."""
    only, = value.unbind(2)
    return only


def _to_split(value: Tensor) -> Tensor:
    """(tokens, c * 49) -> (tokens, c, 7, 7)."""
    return value.unflatten(1, (-1, 7, 7))


def _to_composition(value: Tensor) -> Tensor:
    """(c * 49, tokens) -> (tokens, c, 7, 7)."""
    return value.t().unflatten(1, (-1, 7, 7))


def _to_composition_bias(value: Tensor) -> Tensor:
    """(c * 49, ) -> (c, 7, 7)."""
    return value.unflatten(0, (-1, 7, 7))


def _to_linear(value: Tensor) -> Tensor:
    """(o, c, 1), a convolution along the tokens -> (o, c)."""
    only, = value.unbind(2)
    return only


_DUAL = 'Dual_Raindrop_gnostic_Transformer.'


def _branch_rules(ours: str, official: str) -> tuple[Rule, ...]:
    return (
        Rule(rf'{ours}\.alignment\.offset_head',
             f'deform_align.{official}.conv_offset'),
        Rule(rf'{ours}\.alignment', f'deform_align.{official}'),
        Rule(rf'{ours}\.backbone', f'backbone.{official}'),
    )


def _head_rules(ours: str, official: str) -> tuple[Rule, ...]:
    return (
        Rule(rf'{ours}\.conv_in', f'{official}.0'),
        Rule(rf'{ours}\.conv_mid\.weight', f'{official}.2.weight',
             _drop_time),
        Rule(rf'{ours}\.conv_mid', f'{official}.2'),
        Rule(rf'{ours}\.conv_out', f'{official}.4'),
    )


def _planar_rules(ours: str, official: str) -> tuple[Rule, ...]:
    """A 2-D convolution of ours that is a 3-D one officially."""
    return (Rule(rf'{ours}\.weight', f'{official}.weight', _drop_time),
            Rule(ours, official))


def _encoder_rules(ours: str, official: str) -> tuple[Rule, ...]:
    ours = rf'raindrop_transformer\.{ours}'
    official = f'{_DUAL}{official}'
    return (
        *_planar_rules(rf'{ours}\.conv_in', f'{official}.conv_first'),
        Rule(rf'{ours}\.down([12])', rf'{official}.conv\1'),
    )


def _block_rules(ours: str, official: str) -> tuple[Rule, ...]:
    ours = rf'raindrop_transformer\.{ours}'
    official = f'{_DUAL}{official}'
    return (
        Rule(rf'{ours}\.attention\.(query|key|value)',
             rf'{official}.attention.\1_embedding'),
        Rule(rf'{ours}\.attention\.output',
             f'{official}.attention.output_linear'),
        Rule(rf'{ours}\.(ffn\d?)\.0', rf'{official}.\1.conv.0'),
        # the official one has a dropout between
        Rule(rf'{ours}\.(ffn\d?)\.2', rf'{official}.\1.conv.3'),
        Rule(ours, official),
    )


CONVERSION = Conversion(
    prefix='generator.',
    left_out=('step_counter', ),
    rules=(
        Rule('feature_extractor', 'feat_extract'),
        *_head_rules('streak_head', 'S_mask_streak'),
        *_branch_rules('backward_branch', 'backward_1'),
        *_branch_rules('forward_branch', 'forward_1'),
        *_planar_rules(r'reconstruction\.fusion',
                       'reconstruction.input_conv'),
        Rule(r'reconstruction\.blocks', 'reconstruction.res_blocks'),
        *_planar_rules(r'reconstruction\.upsampler\.conv([12])',
                       r'reconstruction.conv_before_upsample\1'),
        *_head_rules('drop_head', 'S_mask_drop'),
        *_planar_rules('streak_free_head', 'conv_last'),
        *_encoder_rules('guided_encoder', 'downdropbg'),
        *_encoder_rules('frame_encoder', 'downdrop1'),
        *_encoder_rules('masked_encoder', 'downdrop2'),
        *_block_rules(r'blocks\.0', 'transformer'),
        *_block_rules(r'blocks\.1', 'transformer1'),
        *_block_rules('fusion', 'Fusion_Transformer'),
        Rule(r'raindrop_transformer\.soft_split\.weight',
             f'{_DUAL}ss.embedding.weight', _to_split),
        Rule(r'raindrop_transformer\.soft_split', f'{_DUAL}ss.embedding'),
        Rule(r'raindrop_transformer\.soft_composition\.weight',
             f'{_DUAL}sc.embedding.weight', _to_composition),
        Rule(r'raindrop_transformer\.soft_composition\.bias',
             f'{_DUAL}sc.embedding.bias', _to_composition_bias),
        Rule(r'raindrop_transformer\.soft_composition\.smoothing',
             f'{_DUAL}sc.bias_conv'),
        Rule(r'raindrop_transformer\.token_mixer\.weight',
             f'{_DUAL}TokenLearner.conv_layer.weight', _to_linear),
        Rule(r'raindrop_transformer\.token_mixer',
             f'{_DUAL}TokenLearner.conv_layer'),
        *_planar_rules(r'raindrop_transformer\.upsampler\.conv([12])',
                       rf'{_DUAL}conv_before_upsample\1'),
        *_planar_rules(r'raindrop_transformer\.head', f'{_DUAL}conv_last'),
    ))
