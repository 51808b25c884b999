"""Makes our components known to MMagic's registries by name.

A registry of MMEngine imports its locations at the first look-up; ours are
put in front of MMagic's own. So nothing is imported that nobody asks for
(MMagic's models take seconds), and every name is there when it is.
"""

from importlib import import_module

_LOCATIONS = {
    'mmderain.models.components': ('MODELS', ),
    'mmderain.evaluation.metrics': ('METRICS', ),
    'mmderain.datasets.components': ('DATASETS', 'TRANSFORMS'),
    'mmderain.engine': ('HOOKS', 'LOOPS', 'RUNNERS', 'DATA_SAMPLERS',
                        'OPTIM_WRAPPERS', 'MODEL_WRAPPERS'),
}


def register_locations() -> None:
    """Add our modules to the registries' locations; safe to call twice."""
    from mmagic import registry

    for location, names in _LOCATIONS.items():
        for name in names:
            node = getattr(registry, name)
            # `_locations` and `_imported` are private to MMEngine; a test
            # looks our names up, so a change there is noticed.
            if node._imported:
                import_module(location)
            elif location not in node._locations:
                node._locations.insert(0, location)
