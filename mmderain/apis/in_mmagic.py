"""MMagic's ``MMagicInferencer`` for our models."""

import functools
import inspect
from pathlib import Path
from typing import Any

import numpy as np

from mmderain.apis.inferencer import DerainInferencer, named_config
from mmderain.errors import ConfigError, UserError
from mmderain.jobs.options import DerainReport
from mmderain.methods import METHODS
from mmderain.paths import find_config


class _Derainer:
    """What an ``MMagicInferencer`` of one of our models calls.

    MMagic's inferencers are chosen by tasks of a fixed list, and none of them
    knows windows of frames, tiles or sound.
    """

    def __init__(self, derain: DerainInferencer) -> None:
        self.derain = derain

    def __call__(self, img: str | None = None, video: str | None = None,
                 result_out_dir: str = '', **unused: Any
                 ) -> DerainReport | list[np.ndarray]:
        """As of :meth:`DerainInferencer.infer`.

        Raises:
            UserError: As there, or something is given that no derainer takes.
        """
        unknown = [name for name, value in unused.items() if value is not None]
        if unknown:
            raise UserError(f'Derainers take img or video, not '
                            f'{", ".join(unknown)}. Leave it out.')
        return self.derain.infer(img, video, result_out_dir)

    @staticmethod
    def get_extra_parameters() -> list[str]:
        """There are none."""
        return []


def join_mmagic() -> None:
    """Let ``MMagicInferencer`` take our models; to be called once.

    Why: MMagic's table of models is a list in its code. Models are ours where
    the config is of one of our derainers, or ``model_name`` is a method of
    ours or the name of a config.
    """
    from mmagic.apis.mmagic_inferencer import MMagicInferencer
    theirs = MMagicInferencer.__init__
    signature = inspect.signature(theirs)

    @functools.wraps(theirs)
    def init(self, *args, **kwargs) -> None:
        given = signature.bind(self, *args, **kwargs).arguments
        config = _config_of_ours(given)
        if config is None:
            theirs(self, *args, **kwargs)
            return
        name = given.get('model_name')
        self.inferencer = _Derainer(DerainInferencer(
            given.get('model_ckpt'), name if name in METHODS else None,
            config, device=given.get('device')))

    def names() -> list[str]:
        return [*MMagicInferencer.inference_supported_models, *METHODS]

    MMagicInferencer.__init__ = init
    MMagicInferencer.get_inference_supported_models = staticmethod(names)


def _config_of_ours(given: dict[str, Any]) -> Any:
    """The config to use, or None where the model is not one of ours."""
    name = given.get('model_name') or ''
    config = given.get('model_config')
    ours = METHODS[name].config if name in METHODS else str(
        given.get('config_name') or name)
    if config is None:
        config = find_config(ours)
    if config is None:
        return None
    if isinstance(config, str | Path):
        config = named_config(config)
    derainer = (config.get('model') or {}).get('type')
    if derainer in {method.derainer.rpartition('.')[2]
                    for method in METHODS.values()}:
        return config
    if name in METHODS:
        raise ConfigError(f'{name} is a method of mmderain, but model_config '
                          f'has a {derainer}. Give a config of {name}.')
    return None
