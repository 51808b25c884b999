"""Arrays on disk that are filled row by row."""

import numpy as np
import pytest

from mmderain.datasets.clip_arrays import reserve_arrays, write_row
from mmderain.errors import DataError


def test_a_row_is_written_and_nothing_beside_it(tmp_path):
    reserve_arrays(tmp_path, {'a.npy': (4, 3, 5)})
    row = np.arange(15, dtype=np.uint8).reshape(3, 5)
    write_row(tmp_path / 'a.npy', 2, row[:, ::-1])
    array = np.load(tmp_path / 'a.npy')
    np.testing.assert_array_equal(array[2], row[:, ::-1])
    assert not array[[0, 1, 3]].any()


@pytest.mark.parametrize('row', [
    np.zeros((3, 4), np.uint8), np.zeros((3, 5), np.float32)])
def test_another_row_is_refused(tmp_path, row):
    reserve_arrays(tmp_path, {'a.npy': (4, 3, 5)})
    with pytest.raises(DataError, match=r'expected rows of uint8 .*\(3, 5\)'):
        write_row(tmp_path / 'a.npy', 2, row)
    assert not np.load(tmp_path / 'a.npy').any()
