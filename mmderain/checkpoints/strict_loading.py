"""Does a checkpoint fit the model? Compared before anything is loaded."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from torch import Tensor, nn

from mmderain.errors import CheckpointError

_LISTED = 8


class MismatchedCheckpointError(CheckpointError):
    """Keys are missing, unexpected or of another shape."""


@dataclass
class Mismatch:
    """What keeps a state dict from fitting a model.

    Args:
        missing: Names that the model has and the checkpoint lacks.
        unexpected: Names that the checkpoint has and the model lacks.
        misshapen: ``name: (shape in the checkpoint, shape in the model)``.
    """

    missing: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    misshapen: dict[str, tuple] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.missing or self.unexpected or self.misshapen)

    def __str__(self) -> str:
        shapes = [f'{name} {theirs} instead of {ours}'
                  for name, (theirs, ours) in self.misshapen.items()]
        lines = []
        for title, items in (('missing', self.missing),
                             ('unexpected', self.unexpected),
                             ('of another shape', shapes)):
            if items:
                rest = len(items) - _LISTED
                more = f', and {rest} more' if rest > 0 else ''
                lines.append(f'  {title} ({len(items)}): '
                             f'{", ".join(items[:_LISTED])}{more}')
        return '\n'.join(lines)


def compare(model: nn.Module, state_dict: Mapping[str, Tensor]) -> Mismatch:
    """List every way in which ``state_dict`` does not fit ``model``."""
    ours = model.state_dict()
    result = Mismatch(
        missing=[name for name in ours if name not in state_dict],
        unexpected=[name for name in state_dict if name not in ours])
    for name, value in ours.items():
        if name not in state_dict or not isinstance(value, Tensor):
            continue
        theirs = tuple(getattr(state_dict[name], 'shape', ()))
        if theirs != tuple(value.shape):
            result.misshapen[name] = (theirs, tuple(value.shape))
    return result


def name_parts(names: Iterable[str]) -> str:
    """Name the parts of a model that parameters belong to, with counts."""
    counts = Counter('.'.join(name.split('.')[:2]) for name in names)
    return ', '.join(f'{part} ({count})' for part, count in counts.items())


def load_strictly(model: nn.Module,
                  state_dict: Mapping[str, Tensor],
                  source: str,
                  allow_partial: bool = False) -> Mismatch:
    """Load a state dict, all of it or nothing.

    Args:
        model: Takes the weights.
        state_dict: The weights.
        source: Where they are from, for messages.
        allow_partial: Load what fits and return the rest.

    Returns:
        Mismatch: What was not loaded; empty unless ``allow_partial``.

    Raises:
        MismatchedCheckpointError: They do not fit exactly, or, with
            ``allow_partial``, nothing fits.
    """
    mismatch = compare(model, state_dict)
    fitting = {name: value for name, value in state_dict.items()
               if name not in mismatch.misshapen
               and name not in mismatch.unexpected}
    if mismatch and not (allow_partial and fitting):
        raise MismatchedCheckpointError(
            f'{source} does not fit the model {type(model).__name__}:\n'
            f'{mismatch}\nUse the config that it was trained with, or set '
            'load_partial=True to load only what fits.')
    # All names are known; strict=False lets the missing ones be missing.
    model.load_state_dict(fitting, strict=False)
    return mismatch
