"""The Runner of mmderain: MMEngine's, made safe to resume and to load with.

It differs from ``mmengine.runner.Runner`` in six things: it runs distributed
without a GPU, a checkpoint has to fit, resuming takes the newest checkpoint
that can be read and refuses one of another schedule, what cannot work is
refused before training starts, and of two trainings in one work folder neither
loses a checkpoint.
"""

import re
from collections.abc import Callable
from pathlib import Path

import torch
from mmagic.registry import RUNNERS
from mmengine.config import Config
from mmengine.dist import broadcast_object_list, is_main_process
from mmengine.logging import MMLogger
from mmengine.optim import _ParamScheduler
from mmengine.runner.checkpoint import _load_checkpoint
from torch import nn

from mmderain import compat
from mmderain.checkpoints.strict_loading import (
    load_strictly,
    name_parts,
    weights_of,
)
from mmderain.engine.config_checks import (
    check_best_figure,
    check_training_config,
)
from mmderain.engine.config_values import check_settings, config_errors
from mmderain.engine.config_variables import fill_in_variables
from mmderain.engine.earlier_training import set_aside
from mmderain.engine.naming_runner import NamingRunner
from mmderain.engine.quiet_log import tell_once
from mmderain.engine.resuming import newest_resumable, require_resumable
from mmderain.engine.same_settings import (
    optimizer_kinds,
    require_averages_used,
    require_same_batches,
    require_same_kinds,
    require_same_optimizer,
    require_same_schedules,
)
from mmderain.engine.work_folder import staying
from mmderain.errors import ConfigError
from mmderain.folder_lock import alone_in

_SECONDS_TO_END = 20
# in a checkpoint's meta
_OF_SAMPLES = ('batch_size', 'processes')
_KINDS = 'optimizer_kinds'


@RUNNERS.register_module()
class DerainRunner(NamingRunner):
    """A Runner for training and testing derainers.

    Of the config it reads one key more: ``load_partial=True`` lets ``resume``
    and ``load_from`` take over what fits of a checkpoint; what does not is
    listed in the log. And ``resume='auto'`` resumes from the work folder where
    there is something, even beside ``load_from``, which then names only the
    weights to start from; with ``resume=True`` MMEngine resumes from it.
    """

    _must_resume = False  # whether weights alone are too little
    _trains = False

    @classmethod
    def from_cfg(cls, cfg: Config | dict) -> 'DerainRunner':
        """Build a Runner from a config, whose variables are put in.

        Raises:
            ConfigError: See :func:`fill_in_variables`,
                :func:`check_settings` and :func:`config_errors`.
        """
        cfg = fill_in_variables(cfg, cfg)
        with config_errors(cfg):
            check_settings(cfg)
            runner = super().from_cfg(cfg)
            # windows and tiles that cannot be are said now, not when the
            # first clip is validated
            model = getattr(runner.model, 'module', runner.model)
            _ = getattr(model, 'stream_spec', None)
        return runner

    def build_logger(self, *args, **kwargs) -> MMLogger:
        """As MMEngine's; a full disk costs lines of it, and no more."""
        logger = super().build_logger(*args, **kwargs)
        tell_once(logger)
        return logger

    def setup_env(self, env_cfg: dict) -> None:
        """Start gloo where there is no GPU; name a GPU that idles."""
        if self._launcher == 'slurm':
            compat.export_slurm_ranks()
        if self.distributed:
            compat.init_cpu_process_group()
        super().setup_env(env_cfg)
        message = compat.idle_gpu_message()
        if message and is_main_process():
            print(f'WARNING: {message}', flush=True)

    def wrap_model(self, model_wrapper_cfg: dict | None,
                   model: nn.Module) -> nn.Module:
        """As MMEngine's, without device numbers where there is no GPU."""
        if self.distributed and not torch.cuda.is_available():
            model_wrapper_cfg = dict(model_wrapper_cfg or {
                'broadcast_buffers': False,
                'find_unused_parameters':
                self.cfg.get('find_unused_parameters', False)})
            model_wrapper_cfg['device_ids'] = None
        return super().wrap_model(model_wrapper_cfg, model)

    def train(self) -> nn.Module:
        """Train, after the config was checked for what cannot work.

        Raises:
            ConfigError: There is nothing to train with, or see
                :func:`check_training_config`.
        """
        if self._train_loop is None:
            raise ConfigError(
                f'{self.cfg.filename or "The config"} is for testing alone: '
                'it has no train_dataloader, train_cfg and optim_wrapper. '
                'Train with another config of its method.')
        with config_errors(self.cfg):
            check_training_config(self.cfg)
        self._trains = True
        if not is_main_process():
            return super().train()
        # data loaders that a killed training has forked end within seconds
        folder = Path(self.work_dir)
        with staying(folder), alone_in(folder, _SECONDS_TO_END):
            return super().train()

    def call_hook(self, fn_name: str, **kwargs) -> None:
        """As MMEngine's, which would end with a KeyError there."""
        if fn_name == 'after_val_epoch':
            check_best_figure(self.cfg, kwargs['metrics'])
        super().call_hook(fn_name, **kwargs)

    def _init_model_weights(self) -> None:
        # A checkpoint brings every weight; initialising first could ask for a
        # pretrained file that this machine does not have.
        complete = not self.cfg.get('load_partial', False)
        if complete and (self._load_from or (
                self._resume and self._newest_checkpoint())):
            return
        super()._init_model_weights()

    def dump_config(self) -> None:
        """Nothing yet; MMEngine asks for it before anything was looked at."""

    def load_or_resume(self) -> None:
        """Load or resume; without a name, from the newest readable file.

        The config is written then: one that is refused leaves that of the
        training that is there.
        """
        self._take_over()
        super().dump_config()

    def _take_over(self) -> None:
        searches = self._resume == 'auto' or (
            self._resume and self._load_from is None)
        if searches and not self._has_loaded:
            newest = self._newest_checkpoint()
            if newest is not None:
                self.logger.info(f'Resuming from {newest}')
                self.resume(newest)
                return
            start = 'anew' if self._load_from is None \
                else f'with the weights of {self._load_from}'
            self.logger.info(f'There is nothing to resume from in '
                             f'{self.work_dir}: training starts {start}.')
            self._resume = False
        super().load_or_resume()
        if self._trains and not self._resume and is_main_process():
            folder = set_aside(Path(self.work_dir), self._load_from)
            if folder is not None:
                self.logger.warning(
                    'There are checkpoints of an earlier training in '
                    f'{self.work_dir}: they are in {folder} now. (--resume '
                    'would have gone on with it.)')

    def resume(self, filename: str, *args, **kwargs) -> None:
        """Resume from a checkpoint; its schedule has to be the config's.

        MMEngine silently takes the checkpoint's: a training that is made
        longer continues with the learning rate of the shorter one's end.

        Raises:
            ConfigError: It is another one, or of another optimiser.
            CheckpointError: There is no state of a training in it.
        """
        wanted = self._schedule_spans()
        settings = self._schedule_states()
        self._must_resume = True
        super().resume(filename, *args, **kwargs)
        found = self._schedule_spans()
        if wanted and wanted != found:
            raise ConfigError(
                f'{filename}: expected a checkpoint of this schedule, whose '
                f'parts begin and end at {wanted}, got one of {found}. '
                'Resume with the schedule and train_cfg.max_iters of that '
                'training; or start another one from its weights: another '
                '--work-dir, and load_from instead of --resume.')
        require_same_schedules(self._schedule_states(), settings, filename)

    def save_checkpoint(self, *args, meta: dict | None = None,
                        **kwargs) -> None:
        """As MMEngine's; it also says what resuming compares."""
        meta = dict(meta or {}, **dict(zip(_OF_SAMPLES, self._samples(),
                                           strict=True)))
        meta[_KINDS] = optimizer_kinds(self.optim_wrapper)
        super().save_checkpoint(*args, meta=meta, **kwargs)

    def _samples(self) -> tuple[int | None, int]:
        """Of a process, if anything says it, and processes."""
        return self.train_dataloader.batch_size, self.world_size

    def _schedule_states(self) -> list[dict]:
        """The state of every scheduler, as it is now."""
        return [part.state_dict() for part in _flat(self.param_schedulers)
                if isinstance(part, _ParamScheduler)]

    def _schedule_spans(self) -> list[tuple[int, int]]:
        """First and last step of every scheduler."""
        return [(part.begin, part.end) for part in _flat(self.param_schedulers)
                if isinstance(part, _ParamScheduler)]

    def _newest_checkpoint(self) -> str | None:
        """The latest checkpoint in the work folder that is a whole one."""
        found = [None]
        if is_main_process():
            found = [newest_resumable(Path(self.work_dir),
                                      self.logger.warning)]
        broadcast_object_list(found)
        return found[0]

    def load_checkpoint(self,
                        filename: str,
                        map_location: str | Callable = 'cpu',
                        strict: bool = True,
                        revise_keys: list = ((r'^module\.', ''), )) -> dict:
        """Load a checkpoint that fits the model.

        Args:
            filename: A path or anything else that MMEngine can load.
            map_location: As for ``torch.load``.
            strict: Refuse what does not fit; ``load_partial`` in the config
                turns it off.
            revise_keys: ``(pattern, replacement)`` applied to every name.

        Raises:
            MismatchedCheckpointError: Missing, unexpected or misshapen keys.
        """
        checkpoint = _load_checkpoint(filename, map_location=map_location)
        weights_of(checkpoint, filename)  # hooks expect them
        if self._must_resume:
            require_resumable(checkpoint, filename)
        self.call_hook('after_load_checkpoint', checkpoint=checkpoint)
        weights = weights_of(checkpoint, filename)
        for pattern, replacement in revise_keys:
            weights = {re.sub(pattern, replacement, name): value
                       for name, value in weights.items()}
        model = getattr(self.model, 'module', self.model)
        left_out = load_strictly(
            model, weights, filename,
            allow_partial=not strict or self.cfg.get('load_partial', False))
        if left_out:
            anew = [*left_out.missing, *left_out.misshapen]
            taken = [name for name in model.state_dict() if name not in anew]
            self.logger.warning(
                f'Loaded {filename} except for:\n{left_out}\n'
                f'  taken over: {name_parts(taken)}\n'
                f'  starting anew: {name_parts(anew) or "nothing"}')
        else:
            self.logger.info(f'Loaded {filename}, every weight of it')
        if self._must_resume:
            require_same_batches(
                [checkpoint['meta'].get(name) for name in _OF_SAMPLES],
                self._samples(), filename)
            require_averages_used(checkpoint, self.hooks, filename)
            require_same_optimizer(checkpoint['optimizer'],
                                   self.optim_wrapper, filename)
            require_same_kinds(checkpoint['meta'].get(_KINDS),
                               optimizer_kinds(self.optim_wrapper), filename)
        self._has_loaded = True
        return checkpoint


def _flat(schedulers: object) -> list:
    """Schedulers of one optimiser, or of several by name."""
    if isinstance(schedulers, dict):
        schedulers = list(schedulers.values())
    if isinstance(schedulers, list):
        return [item for part in schedulers for item in _flat(part)]
    return [] if schedulers is None else [schedulers]
