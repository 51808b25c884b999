"""mmderain: rain removal for MMagic.

After this import every component is known to MMagic's registries by its
name, MMEngine loads checkpoints safely, and what is broken between the
installed versions is fixed, so that this line is all an MMagic config needs::

    custom_imports = dict(imports=['mmderain'], allow_failed_imports=False)

It imports neither PyTorch nor MMEngine nor MMagic, which take seconds: each of
these changes is made around their import, or at once if they are there.
"""

from mmderain import current_folder  # noqa: F401, it changes what comes next

# isort: split
from mmderain import compat
from mmderain.import_hooks import after, around_imports, before
from mmderain.packages import check_versions
from mmderain.paths import config_path
from mmderain.registration import register_locations
from mmderain.version import __version__

__all__ = ['__version__', 'config_path']


def _load_safely() -> None:
    # imports PyTorch
    from mmderain.checkpoints.safe_loading import load_safely_everywhere
    load_safely_everywhere()


def _join_mmagic() -> None:
    from mmderain.apis.in_mmagic import join_mmagic
    join_mmagic()


around_imports({
    'mmengine': before(check_versions),
    'mmengine.runner.checkpoint': after(_load_safely),
    'mmagic': before(compat.prepare_for_mmagic),
    'mmagic.registry': after(register_locations),
    'mmagic.apis.mmagic_inferencer': after(_join_mmagic),
    'mmcv.ops': compat.without_compiled_operators,
})
