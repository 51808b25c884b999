"""Training by iterations that resumes at once and to the bit."""

from mmagic.registry import LOOPS
from mmengine.runner import IterBasedTrainLoop, Runner

from mmderain.engine.config_checks import check_training_config
from mmderain.engine.config_variables import fill_in_variables
from mmderain.engine.seeded_data import network_seed, seed_everything
from mmderain.errors import ConfigError


@LOOPS.register_module()
class ResumableIterTrainLoop(IterBasedTrainLoop):
    """MMEngine's loop, with randomness that depends on nothing but numbers.

    The data are a function of (seed, draw), what the network draws (dropout)
    one of (seed, iteration, rank). So a resumed run on a CPU equals one that
    was never interrupted, also with another number of workers, and resuming
    takes the same time at any iteration.

    Args:
        runner: The Runner.
        dataloader: Config of the training data; its sampler has to be a
            ``SeededSampler``.
        **kwargs: As for MMEngine's ``IterBasedTrainLoop``.
    """

    def __init__(self, runner: Runner, dataloader: dict, **kwargs) -> None:
        sampler = dataloader.get('sampler', {}).get('type')
        if sampler != 'SeededSampler':
            raise ConfigError(
                "train_dataloader.sampler.type has to be 'SeededSampler' for "
                f'ResumableIterTrainLoop, it is {sampler!r}.')
        # under MMEngine's Runner nobody else does
        check_training_config(runner.cfg)
        dataloader = fill_in_variables(dataloader, runner.cfg)
        dataloader['dataset'] = dict(
            type='SeededDataset', dataset=dataloader['dataset'])
        super().__init__(runner, dataloader, **kwargs)
        # with as many worker processes again, idle to the end of the training
        del self.dataloader_iterator

    def run(self):
        """Train from the current iteration to the last one."""
        self.runner.call_hook('before_train')
        self.runner.call_hook('before_train_epoch')
        sampler = self.dataloader.sampler
        # The seed of a resumed run is known only now.
        sampler.seed = self.runner.seed
        sampler.seek(self._iter * self.dataloader.batch_size)
        batches = iter(self.dataloader)
        while self._iter < self._max_iters and not self.stop_training:
            self.runner.model.train()
            batch = next(batches)
            seed_everything(network_seed(
                self.runner.seed, self._iter, self.runner.rank))
            self.run_iter(batch)
            self._decide_current_val_interval()
            if self._is_validation_due():
                self.runner.val_loop.run()
        self.runner.call_hook('after_train_epoch')
        self.runner.call_hook('after_train')
        return self.runner.model

    def _is_validation_due(self) -> bool:
        return (self.runner.val_loop is not None
                and self._iter >= self.val_begin
                and (self._iter % self.val_interval == 0
                     or self._iter == self._max_iters))
