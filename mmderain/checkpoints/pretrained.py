"""Weights of somebody else's network, or what to do without them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import Tensor

from mmderain.errors import CheckpointError

_NAMED = 4


@dataclass(frozen=True)
class PretrainedFile:
    """A file that a part of a model begins with, and that may be missing.

    Args:
        network: Whose weights it holds, for messages, such as 'AlexNet'.
        source: Its path or address.
        remedy: What to do where it cannot be had.
    """

    network: str
    source: str
    remedy: str

    def load(self, read: Callable[[], object]) -> dict:
        """Read the file.

        Args:
            read: Reads it, and raises an OSError, a RuntimeError or a
                CheckpointError where it cannot.

        Returns:
            dict: What is in it; empty if that is not a dict.

        Raises:
            CheckpointError: It cannot be read.
        """
        try:
            content = read()
        except (OSError, RuntimeError, CheckpointError) as error:
            raise CheckpointError(
                f'The weights of {self.network} cannot be loaded from '
                f'{self.source}: {error}\n{self.remedy}') from error
        return content if isinstance(content, dict) else {}

    def fitting(self, given: Mapping[str, object],
                wanted: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Take the weights that a network needs.

        Args:
            given: By the names of the file; there may be more.
            wanted: The same names to tensors of the right shape.

        Raises:
            CheckpointError: Some are missing or of another shape.
        """
        wrong = [name for name, value in wanted.items()
                 if getattr(given.get(name), 'shape', None) != value.shape]
        if wrong:
            raise CheckpointError(
                f'{self.source} does not hold the weights of {self.network}; '
                'missing or of another shape: '
                f'{", ".join(wrong[:_NAMED])} ({len(wrong)} of '
                f'{len(wanted)}).\n{self.remedy}')
        return {name: given[name] for name in wanted}
