"""Attentive GAN: the names of the official PyTorch checkpoint.

``gen.pkl`` of github.com/rui1996/DeRaindrop is a plain state dict of the
generator. The official network sees OpenCV's BGR, ours RGB: where an image
goes in or comes out, the channels of the weights are turned.
"""

from torch import Tensor

from mmderain.checkpoints.rules import Conversion, Rule

# of image and attention map, BGR -> RGB
_TURNED_INPUTS = [2, 1, 0, 3]


def _turn_inputs(value: Tensor) -> Tensor:
    """(o, 4, k, k), of an image and a map -> the same, image turned."""
    return value[:, _TURNED_INPUTS]


def _turn_outputs(value: Tensor) -> Tensor:
    """(3, ...), of an image -> the same, turned."""
    return value.flip(0)


def _blocks() -> tuple[Rule, ...]:
    return tuple(
        Rule(rf'attention\.blocks\.{index}\.conv{conv}',
             f'det_conv{index + 1}.{2 * conv - 2}')
        for index in range(5) for conv in (1, 2))


def _sequence(ours: str, *official: str) -> tuple[Rule, ...]:
    """Convolutions of ours with ReLUs between them."""
    return tuple(Rule(rf'autoencoder\.{ours}\.{2 * index}', f'{name}.0')
                 for index, name in enumerate(official))


CONVERSION = Conversion(rules=(
    Rule(r'attention\.conv_in\.weight', 'det_conv0.0.weight', _turn_inputs),
    Rule(r'attention\.conv_in', 'det_conv0.0'),
    *_blocks(),
    Rule(r'attention\.lstm\.input_gate', 'conv_i.0'),
    Rule(r'attention\.lstm\.forget_gate', 'conv_f.0'),
    Rule(r'attention\.lstm\.cell_gate', 'conv_g.0'),
    Rule(r'attention\.lstm\.output_gate', 'conv_o.0'),
    Rule(r'attention\.map_head', 'det_conv_mask.0'),
    Rule(r'autoencoder\.encode_full\.0\.weight', 'conv1.0.weight',
         _turn_inputs),
    *_sequence('encode_full', 'conv1'),
    *_sequence('encode_half', 'conv2', 'conv3'),
    *_sequence('encode_quarter', 'conv4', 'conv5', 'conv6'),
    *_sequence('context', 'diconv1', 'diconv2', 'diconv3', 'diconv4'),
    *_sequence('decode_quarter', 'conv7', 'conv8'),
    *_sequence('decode_half', 'conv9'),
    *_sequence('decode_full', 'conv10'),
    Rule(r'autoencoder\.upsample_half\.conv', 'deconv1.0'),
    Rule(r'autoencoder\.upsample_full\.conv', 'deconv2.0'),
    Rule(r'autoencoder\.quarter_head\.0', 'outframe1.0', _turn_outputs),
    Rule(r'autoencoder\.half_head\.0', 'outframe2.0', _turn_outputs),
    Rule(r'autoencoder\.full_head', 'output.0', _turn_outputs),
))
