"""Rules by which official checkpoints are converted: plain data.

The network itself says which names and shapes are needed, so a missing rule is
noticed; ``mmderain.checkpoints.conversion`` applies them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from mmderain.errors import CheckpointError


class ConversionError(CheckpointError):
    """An official checkpoint is not the one of the method."""


def _keep(value: Tensor) -> Tensor:
    return value


@dataclass(frozen=True)
class Rule:
    """Where parameters of ours come from.

    Args:
        ours: Regular expression; one of our names from its beginning.
        official: The official name, as a template for what ``ours`` matched
            (the rest of our name is appended). Several, if the official
            checkpoint repeats a parameter under the name of each layer that
            shares it.
        transform: Turns the official value into ours.
        default: Our value if the official checkpoint lacks the variable; None
            if it must have it.
    """

    ours: str
    official: str | tuple[str, ...]
    transform: Callable[[Tensor], Tensor] = _keep
    default: float | None = None

    def official_names(self, name: str) -> list[str] | None:
        """The official names of one of our names, None if it is another's."""
        match = re.match(self.ours, name)
        if match is None:
            return None
        templates = (self.official if isinstance(self.official, tuple)
                     else (self.official, ))
        return [match.expand(template) + name[match.end():]
                for template in templates]


@dataclass(frozen=True)
class Conversion:
    """How the official checkpoint of a method is converted.

    Args:
        rules: The first one that matches a name of ours applies to it; a name
            that none matches is also the official one.
        prefix: Removed from the official names that begin with it.
        left_out: Regular expressions of whole official names that are not
            the network's, such as the optimiser's variables.
    """

    rules: tuple[Rule, ...]
    prefix: str = ''
    left_out: tuple[str, ...] = ()

    def sources(self, name: str) -> tuple[list[str], Rule]:
        """The official names of one of our names, and the rule for it."""
        for rule in self.rules:
            names = rule.official_names(name)
            if names is not None:
                return names, rule
        return [name], Rule(re.escape(name), name)
