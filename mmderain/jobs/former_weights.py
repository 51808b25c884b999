"""Archives that were begun with weights of an earlier version."""

from collections.abc import Iterable

from mmderain import weights
from mmderain.jobs.anywhere import Anywhere
from mmderain.jobs.records import read_record, record_path
from mmderain.weights import ShippedWeights


def begun_with(targets: Iterable[Anywhere],
               model: str | None) -> ShippedWeights | None:
    """What to go on with, so that an archive has one look.

    The first record that is there decides.

    Args:
        targets: Outputs, there or not.
        model: Weights that are asked for; the default when None.

    Returns:
        ShippedWeights | None: Former ones that come with the package, which
        these have replaced; None where nothing was begun with such.
    """
    asked = weights.find_weights(model)
    for target in targets:
        record = read_record(record_path(target))
        if record is not None:
            settings = record.get('settings')
            if not isinstance(settings, dict):
                return None
            first = _of_first(settings.get('checkpoint'))
            has_guide = _of_first(settings.get('guide')) is not None
            if (first, has_guide) == (asked.sha256, asked.guide is not None):
                return None
            return next((entry for entry in weights.SHIPPED
                         if entry.sha256 == first
                         and entry.replaced_by == asked.name), None)
    return None


def _of_first(value: object) -> object:
    """Of the first model, where there are two."""
    return value[0] if isinstance(value, list) and value else value
