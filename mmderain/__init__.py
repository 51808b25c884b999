"""mmderain: rain removal for MMagic.

Importing the package checks the installed versions, mends what is broken
between them, makes checkpoint loading safe and registers every component in
MMagic's registries, so that this line is all an MMagic config needs::

    custom_imports = dict(imports=['mmderain'], allow_failed_imports=False)
"""

# ruff: noqa: E402, I001 -- compat has to run before MMagic is imported

from mmderain.version import __version__
from mmderain import compat

compat.apply()

from mmderain.checkpoints.safe_loading import load_safely_everywhere
from mmderain.paths import config_path
from mmderain.registration import register_locations

load_safely_everywhere()
register_locations()

__all__ = ['__version__', 'config_path']
