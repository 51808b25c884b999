"""Does a checkpoint fit the model? Compared before anything is loaded."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from mmderain.errors import CheckpointError

_LISTED = 8
_LETTERS = 200  # of a name; those of networks are shorter


class MismatchedCheckpointError(CheckpointError):
    """Keys are missing, unexpected or of another shape."""


@dataclass
class Mismatch:
    """What keeps a state dict from fitting a model.

    Args:
        missing: Names that the model has and the checkpoint lacks.
        unexpected: Names that the checkpoint has and the model lacks.
        misshapen: ``name: (shape in the checkpoint, shape in the model)``.
        unfit: Name to what it is instead of plain numbers.
    """

    missing: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    misshapen: dict[str, tuple] = field(default_factory=dict)
    unfit: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.missing or self.unexpected or self.misshapen
                    or self.unfit)

    def __str__(self) -> str:
        shapes = [f'{name} {theirs} instead of {ours}'
                  for name, (theirs, ours) in self.misshapen.items()]
        kinds = [f'{name} is {kind}' for name, kind in self.unfit.items()]
        lines = []
        for title, items in (('missing', self.missing),
                             ('unexpected', self.unexpected),
                             ('of another shape', shapes),
                             ('no plain numbers', kinds)):
            if items:
                lines.append(f'  {title} ({len(items)}): {listed(items)}')
        return '\n'.join(lines)


def listed(names: Iterable[str]) -> str:
    """The first of some names that a file says, none of them at length."""
    names = list(names)
    rest = len(names) - _LISTED
    return ', '.join([*map(_shortened, names[:_LISTED]),
                      *[f'and {rest} more'] * (rest > 0)])


def _shortened(name: str) -> str:
    return name if len(name) <= _LETTERS else f'{name[:_LETTERS]}...'


def compare(model: nn.Module, state_dict: Mapping[str, Tensor]) -> Mismatch:
    """List every way in which ``state_dict`` does not fit ``model``."""
    ours = model.state_dict()
    result = Mismatch(
        missing=[name for name in ours if name not in state_dict],
        unexpected=[name for name in state_dict if name not in ours])
    for name, value in ours.items():
        if name not in state_dict or not isinstance(value, Tensor):
            continue
        kind = _unfit(state_dict[name], value)
        if kind is not None:
            result.unfit[name] = kind
        elif state_dict[name].shape != value.shape:
            result.misshapen[name] = (tuple(state_dict[name].shape),
                                      tuple(value.shape))
    return result


def _unfit(theirs: object, ours: Tensor) -> str | None:
    """What a value is that cannot be copied into ours; None if it can."""
    if not isinstance(theirs, Tensor):
        return f'a {type(theirs).__name__}'
    if theirs.layout is not torch.strided:
        return 'sparse'
    if theirs.is_meta and not ours.is_meta:
        return 'without values (on the device meta)'
    if theirs.is_quantized or (
            theirs.is_floating_point() != ours.is_floating_point()):
        return f'{str(theirs.dtype).removeprefix("torch.")}, not ' + str(
            ours.dtype).removeprefix('torch.')
    return None


def weights_of(checkpoint: object, source: str) -> Mapping[str, Tensor]:
    """The state dict in a checkpoint, or that it is.

    Raises:
        MismatchedCheckpointError: There is none.
    """
    weights = checkpoint
    if isinstance(checkpoint, Mapping):
        weights = checkpoint.get('state_dict', checkpoint)
    if not isinstance(weights, Mapping) or not all(
            isinstance(name, str) for name in weights):
        raise MismatchedCheckpointError(
            f'{source}: expected a dict with the key state_dict, from names '
            f'to weights, got a {type(weights).__name__}'
            f'{" with other keys" * isinstance(weights, Mapping)}. Name '
            'another checkpoint.')
    return weights


def name_parts(names: Iterable[str]) -> str:
    """Name the parts of a model that parameters belong to, with counts."""
    counts = Counter('.'.join(name.split('.')[:2]) for name in names)
    return ', '.join(f'{part} ({count})' for part, count in counts.items())


def load_strictly(model: nn.Module,
                  state_dict: Mapping[str, Tensor],
                  source: str,
                  allow_partial: bool | None = None) -> Mismatch:
    """Load a state dict, all of it or nothing.

    Args:
        model: Takes the weights.
        state_dict: The weights.
        source: Where they are from, for messages.
        allow_partial: Load what fits and return the rest. None where nobody
            can ask for that.

    Returns:
        Mismatch: What was not loaded; empty unless ``allow_partial``.

    Raises:
        MismatchedCheckpointError: They do not fit exactly, or, with
            ``allow_partial``, nothing fits.
    """
    mismatch = compare(model, state_dict)
    fitting = {name: value for name, value in state_dict.items()
               if name not in mismatch.misshapen
               and name not in mismatch.unexpected
               and name not in mismatch.unfit}
    if mismatch and not (allow_partial and fitting):
        raise _mismatched(model, source, mismatch,
                          is_asked=allow_partial is not None)
    # All names are known; strict=False lets the missing ones be missing.
    model.load_state_dict(fitting, strict=False)
    return mismatch


def check_fit(model: nn.Module, state_dict: Mapping[str, Tensor],
              source: str) -> None:
    """Compare alone, also where the model is on the device ``meta``.

    Raises:
        MismatchedCheckpointError: They do not fit exactly.
    """
    mismatch = compare(model, state_dict)
    if mismatch:
        raise _mismatched(model, source, mismatch)


def require_finite(state_dict: Mapping[str, Tensor], source: object) -> None:
    """Refuse weights of which nothing can be made.

    Raises:
        CheckpointError: Some are not finite; the first is named.
    """
    for name, value in state_dict.items():
        if not value.isfinite().all():
            raise CheckpointError(
                f'{source}: expected finite weights, but {name} is not. The '
                'training has diverged: take an earlier checkpoint.')


def _mismatched(model: nn.Module, source: str,
                mismatch: Mismatch, is_asked: bool = False
                ) -> MismatchedCheckpointError:
    other = (', or set load_partial=True to load only what fits'
             if is_asked else '')
    return MismatchedCheckpointError(
        f'{source} does not fit the model {type(model).__name__}:\n'
        f'{mismatch}\nUse the config that it was trained with{other}.')
