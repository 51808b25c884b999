"""The n-th draw is the same whoever draws it."""

import random

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from mmderain.engine import seeded_data
from mmderain.engine.seeded_data import SeededDataset, SeededSampler, mix


class Numbers:
    """Answers with its index and what the generators say."""

    def __len__(self):
        return 7

    def __getitem__(self, index):
        return (index, random.random(), np.random.random(),
                float(torch.rand(1)))


def draw(count, start=0, workers=0, batch=1, **kwargs):
    dataset = SeededDataset(Numbers())
    sampler = SeededSampler(dataset, seed=3, **kwargs)
    sampler.seek(start)
    batches = iter(DataLoader(dataset, batch, sampler=sampler,
                              num_workers=workers, collate_fn=list))
    return [sample for _ in range(count) for sample in next(batches)]


@pytest.mark.parametrize('workers', [0, 1, 2])
def test_workers_do_not_matter(workers):
    assert draw(5, workers=workers) == draw(5)


@pytest.mark.parametrize('start', [1, 6, 7, 20])
def test_going_on_at_a_draw_gives_the_rest_of_the_sequence(start):
    assert draw(5, start=start) == draw(start + 5)[start:]


def test_processes_share_one_sequence(monkeypatch):
    alone = draw(12)
    for rank in range(3):
        monkeypatch.setattr(seeded_data, 'get_dist_info', lambda r=rank:
                            (r, 3))
        assert draw(4) == alone[rank::3]


def test_every_round_has_every_sample_in_a_new_order():
    rounds = [[sample[0] for sample in draw(7, start=7 * number)]
              for number in range(3)]
    assert all(sorted(order) == list(range(7)) for order in rounds)
    assert rounds[0] != rounds[1] != rounds[2]
    assert [sample[0] for sample in draw(7, shuffle=False)] == list(range(7))


def test_nothing_is_drawn_before_the_place_is_known():
    dataset = SeededDataset(Numbers())
    loader = DataLoader(dataset, sampler=SeededSampler(dataset, seed=0))
    assert list(loader) == []


def test_mixing_separates_neighbours():
    seeds = {mix(a, b) for a in range(30) for b in range(30)}
    assert len(seeds) == 900
    assert mix(1, 2) == mix(1, 2)
