"""Archives that were begun with weights of an earlier version."""

from collections.abc import Iterable

from mmderain.jobs.anywhere import Anywhere
from mmderain.jobs.records import read_record, record_path
from mmderain.jobs.settings import replaced_weights
from mmderain.weights import ShippedWeights, find_weights


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
    asked = find_weights(model).name
    for target in targets:
        record = read_record(record_path(target))
        if record is not None:
            settings = record.get('settings')
            former = (replaced_weights(settings)
                      if isinstance(settings, dict) else None)
            return former if former is not None and (
                former.replaced_by == asked) else None
    return None
