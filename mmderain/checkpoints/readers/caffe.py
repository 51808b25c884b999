"""Caffe's weight files, for networks released in Caffe.

A caffemodel is a message of Google's protocol buffers. Of Caffe's own
description we need three small messages, described here at run time; the
protobuf library reads the file and leaves out every other field.
"""

import math
import os
from collections.abc import Mapping
from functools import cache

import numpy as np
import torch
from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    message,
    message_factory,
)
from torch import Tensor

from mmderain.checkpoints.rules import ConversionError, Rule

# Smaller weights are what weight decay left of zeros. Outputs stay the same
# bit by bit, and some processors are ten times slower with such numbers.
_TINY = 1e-20
_PACKAGE = 'mmderain.caffe'
# Fields of Caffe's caffe.proto: message -> (name, number, type, repeated).
_FIELDS = {
    'BlobShape': (('dim', 1, 'INT64', True), ),
    'BlobProto': (('data', 5, 'FLOAT', True), ('shape', 7, 'BlobShape',
                                               False)),
    'LayerParameter': (('name', 1, 'STRING', False),
                       ('blobs', 7, 'BlobProto', True)),
    'NetParameter': (('layer', 100, 'LayerParameter', True), ),
}


@cache
def _net_class() -> type[message.Message]:
    file = descriptor_pb2.FileDescriptorProto(
        name=f'{_PACKAGE}.proto', package=_PACKAGE, syntax='proto2')
    kinds = descriptor_pb2.FieldDescriptorProto
    for message_name, fields in _FIELDS.items():
        described = file.message_type.add(name=message_name)
        for name, number, kind, repeated in fields:
            field = described.field.add(
                name=name, number=number,
                label=(kinds.LABEL_REPEATED if repeated
                       else kinds.LABEL_OPTIONAL))
            if kind in _FIELDS:
                field.type = kinds.TYPE_MESSAGE
                field.type_name = f'.{_PACKAGE}.{kind}'
            else:
                field.type = getattr(kinds, f'TYPE_{kind}')
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(
        pool.FindMessageTypeByName(f'{_PACKAGE}.NetParameter'))


def read_caffemodel(path: str | os.PathLike) -> dict[str, np.ndarray]:
    """Read the weights of a Caffe network.

    Args:
        path: A ``.caffemodel`` as Caffe has written since 2015.

    Returns:
        dict[str, np.ndarray]: ``layer/weight`` and ``layer/bias``, float32;
        further blobs of a layer under their number.

    Raises:
        ConversionError: The file cannot be read, is damaged or another kind
            of file.
    """
    net = _net_class()()
    try:
        with open(path, 'rb') as file:
            net.ParseFromString(file.read())
    except OSError as error:
        raise ConversionError(f'{path} cannot be read: {error}') from error
    except message.DecodeError as error:
        raise ConversionError(
            f'{path} is damaged or not a .caffemodel, the binary file '
            f'of weights that Caffe writes: {error}') from error
    weights = {}
    for layer in net.layer:
        for index, blob in enumerate(layer.blobs):
            part = ('weight', 'bias')[index] if index < 2 else str(index)
            weights[f'{layer.name}/{part}'] = _to_array(
                path, layer.name, blob)
    if not weights:
        raise ConversionError(
            f'{path} holds no layers with weights; expected a .caffemodel, '
            'the binary file of weights that Caffe writes, of 2015 or later.')
    return weights


def _to_array(path: str | os.PathLike, layer: str,
              blob: message.Message) -> np.ndarray:
    shape = tuple(blob.shape.dim)
    values = np.array(blob.data, np.float32)
    if not shape or min(shape) < 0 or math.prod(shape) != values.size:
        raise ConversionError(
            f'{path} is damaged: layer {layer!r} should have weights of the '
            f'shape {shape}, but holds {values.size} numbers')
    return values.reshape(shape)


def drop_tiny(value: Tensor) -> Tensor:
    """Zeros for numbers that are only left-overs of weight decay."""
    return torch.where(value.abs() < _TINY, torch.zeros_like(value), value)


def turn_kernel(value: Tensor) -> Tensor:
    """The kernel for upright images of one for transposed images."""
    return drop_tiny(value.transpose(2, 3))


def turned_convolutions(
        layers: Mapping[str, str | tuple[str, ...]]) -> tuple[Rule, ...]:
    """Rules for convolutions that Caffe was given transposed images for.

    Args:
        layers: From our module to the official layer; to several that share
            its parameters.
    """
    rules = []
    for ours, official in layers.items():
        names = official if isinstance(official, tuple) else (official, )
        module = ours.replace('.', r'\.')
        rules += [
            Rule(rf'{module}\.weight',
                 tuple(f'{name}/weight' for name in names), turn_kernel),
            Rule(rf'{module}\.bias',
                 tuple(f'{name}/bias' for name in names), drop_tiny),
        ]
    return tuple(rules)
