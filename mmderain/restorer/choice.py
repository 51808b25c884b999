"""Which models restore a clip: streaks first, then drops on the lens."""

from collections.abc import Callable, Collection, Mapping
from os import PathLike
from typing import Any

from mmderain.errors import ConfigError, UserError
from mmderain.restorer.chain import RestorerChain
from mmderain.restorer.guided import GuidedRestorer
from mmderain.restorer.restorer import Restorer
from mmderain.weights import GUIDES, OF_DROPS, USUAL_GUIDE, find_weights

# in the order in which they are done
STAGES = ('streaks', 'drops')
# what is done where nothing is said
DEFAULT_STAGES = STAGES
# options of the first model alone; the second one has no tiles
_OF_FIRST = ('tile', 'tile_overlap', 'batch', 'model_config', 'test_cfg')


def choose_restorer(model_ckpt: str | None = None,
                    model_name: str | None = None,
                    remove: Collection[str] | None = None,
                    **options: Any) -> Restorer | RestorerChain:
    """Load what removes something.

    Args:
        model_ckpt: As for :class:`~mmderain.restorer.Restorer`.
        model_name: The same.
        remove: Some of :data:`STAGES`. With a checkpoint or a model's name
            that model works whatever is said here, and drops are removed from
            what it gives if they are among these.
        **options: As for the restorer. ``test_cfg`` may name a ``guide``,
            shipped weights in whose frames motion is found first, or None for
            no such; else a config's ``model.guide`` counts; see
            :class:`~mmderain.restorer.guided.GuidedRestorer`.

    Raises:
        UserError: There is no such thing to remove, or as for the restorer.
    """
    _check_kinds(model_ckpt, remove, **options)
    if isinstance(remove, str):
        remove = (remove, )
    unknown = sorted({*(remove or ())} - {*STAGES}, key=str)
    if unknown or (remove is not None and not remove):
        said = ','.join(map(str, unknown))
        raise UserError(f'--remove {said}: expected one or more of '
                        f'{", ".join(STAGES)}.')
    is_chosen = model_ckpt is not None or model_name is not None
    if not is_chosen:
        remove = DEFAULT_STAGES if remove is None else remove
        if 'streaks' not in remove:
            # which refuses tiles
            return _first(None, OF_DROPS, **options)
    first = _first(model_ckpt, model_name, **options)
    if 'drops' not in (remove or ()) or first.finds_drops:
        return first
    return RestorerChain(first, Restorer(model_name=OF_DROPS, **{
        name: value for name, value in options.items()
        if name not in _OF_FIRST}))


def _first(model_ckpt: str | None, model_name: str | None,
           test_cfg: Mapping[str, Any] | None = None, **options: Any
           ) -> Restorer:
    """The first model, with the guide of its weights or a named one."""
    test_cfg = dict(test_cfg or {})
    model = (options.get('model_config') or {}).get('model') or {}
    if 'guide' in test_cfg:
        guide = test_cfg.pop('guide')
    elif model.get('guide') is not None:
        guide = model['guide']
    elif model_ckpt is None:
        guide = find_weights(model_name).guide
    else:
        restorer = Restorer(model_ckpt, model_name, test_cfg=test_cfg,
                            **options)
        if not restorer.backend.sees_guide:
            return restorer
        guide = USUAL_GUIDE
    if guide is None:
        return Restorer(model_ckpt, model_name, test_cfg=test_cfg, **options)
    if guide not in GUIDES:
        raise ConfigError(
            f'test_cfg.guide: mmderain comes with no weights for {guide!r} '
            f'that could be one; expected {", ".join(GUIDES)}, or None for '
            'no guide.')
    return GuidedRestorer(guide, model_ckpt, model_name, test_cfg=test_cfg,
                          **options)


def _check_kinds(model_ckpt: Any = None, remove: Any = None,
                 model_config: Any = None, test_cfg: Any = None,
                 **others: Any) -> None:
    """Refuse what is of another kind, before anything is loaded."""
    for name, value, kind, said in (
            ('model_ckpt', model_ckpt, str | PathLike, 'the path of a file'),
            ('remove', remove, Collection, 'a list such as ["streaks"]'),
            # which in MMEngine is no Mapping, but has what one has
            ('model_config', getattr(model_config, 'get', model_config),
             Callable, 'a config, or a dict'),
            ('test_cfg', test_cfg, Mapping, 'settings, as a dict')):
        if value is not None and not isinstance(value, kind):
            raise UserError(f'{name}: expected {said}, got '
                            f'{type(value).__name__}.')
