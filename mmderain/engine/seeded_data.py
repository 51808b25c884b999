"""Training data whose randomness is a function of (seed, draw).

Nothing has to be stored to resume: the n-th sample of a run is the same
whoever draws it, with any number of workers, and training resumes at any
draw at once. (MMEngine decodes all data again that was used before.)
"""

import itertools
import math
import random
from collections.abc import Iterator

import numpy as np
import torch
from mmagic.registry import DATA_SAMPLERS, DATASETS
from mmengine.dist import get_dist_info, sync_random_seed
from torch.utils.data import Dataset, Sampler

# Keep the streams of random numbers apart that one seed serves.
_PERMUTATION, _SAMPLE, _NETWORK = range(3)


def mix(*numbers: int) -> int:
    """One 32-bit seed out of several numbers, well mixed."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])


def seed_everything(seed: int) -> None:
    """Seed Python, NumPy and PyTorch (GPUs included)."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def network_seed(seed: int, iteration: int, rank: int) -> int:
    """What dropout and the like draw from in one training iteration."""
    return mix(_NETWORK, seed, iteration, rank)


@DATA_SAMPLERS.register_module()
class SeededSampler(Sampler):
    """Endless ``(index, seed)`` pairs, the same for any number of workers.

    With k processes, process r takes draws r, r + k, r + 2k ... of one common
    sequence. Until :meth:`seek` is called it yields nothing: MMEngine's loop
    opens an iterator before it knows where training resumes.

    Args:
        dataset: The data set to draw from.
        shuffle: A new order in every round, or the given order.
        seed: Common to all processes; drawn when None.
    """

    def __init__(self,
                 dataset: Dataset,
                 shuffle: bool = True,
                 seed: int | None = None) -> None:
        self.rank, self.world_size = get_dist_info()
        self.dataset = dataset
        self.shuffle = shuffle
        self.seed = sync_random_seed() if seed is None else seed
        self.start: int | None = None

    def seek(self, draw: int) -> None:
        """Continue at the ``draw``-th sample of this process."""
        self.start = draw

    def __iter__(self) -> Iterator[tuple[int, int]]:
        if self.start is None:
            return
        size = len(self.dataset)
        current_round, order = None, range(size)
        for own in itertools.count(self.start):
            draw = own * self.world_size + self.rank
            number, position = divmod(draw, size)
            if self.shuffle and number != current_round:
                current_round = number
                generator = np.random.default_rng(
                    mix(_PERMUTATION, self.seed, number))
                order = generator.permutation(size)
            yield int(order[position]), mix(_SAMPLE, self.seed, draw)

    def __len__(self) -> int:
        return math.ceil(len(self.dataset) / self.world_size)


@DATASETS.register_module()
class SeededDataset:
    """Runs ``dataset[index]`` under the seed that the sampler sends along.

    Args:
        dataset: A data set or its config.
    """

    def __init__(self, dataset: Dataset | dict) -> None:
        self.dataset = (DATASETS.build(dataset) if isinstance(dataset, dict)
                        else dataset)

    def full_init(self) -> None:
        """Load the annotations, as MMEngine asks of its data sets."""
        if hasattr(self.dataset, 'full_init'):
            self.dataset.full_init()

    @property
    def metainfo(self) -> dict:
        """The meta information of the wrapped data set."""
        return getattr(self.dataset, 'metainfo', {})

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, draw: tuple[int, int]):
        index, seed = draw
        seed_everything(seed)
        return self.dataset[index]
