"""What errors of other packages and of the system become."""

import errno
import os

import cv2
import numpy as np
import pytest
import torch

from mmderain.errors import DataError, explain, fault


@pytest.mark.parametrize(('number', 'said'), [
    (errno.EACCES, 'a.mp4: Permission denied. Change the permissions'),
    (errno.EISDIR, 'Name a file'), (errno.ENAMETOOLONG, 'a shorter name'),
    (errno.ENOSPC, 'Free some space'), (errno.EROFS, 'another disk'),
    (errno.ENOENT, 'Fix the path'), (errno.EMFILE, 'ulimit -n')])
def test_the_system_is_explained(number, said):
    text = explain(OSError(number, os.strerror(number), 'a.mp4'))
    assert text.startswith('a.mp4: ') and said in text


def test_memory_is_explained_whoever_lacks_it():
    with pytest.raises(RuntimeError) as of_torch:
        torch.empty(1 << 60, dtype=torch.uint8)
    with pytest.raises(cv2.error) as of_opencv:
        cv2.resize(np.zeros((9, 9), np.uint8), (1 << 30, 1 << 30))
    # FFmpeg's words, where it gets no thread under a limit (ulimit -v)
    of_threads = OSError(errno.EAGAIN, 'Resource temporarily unavailable')
    # the linker's, as PyTorch is imported under it
    of_linker = ImportError('libtorch_cpu.so: failed to map segment from '
                            'shared object')
    for error in (MemoryError(), of_torch.value, of_opencv.value, of_threads,
                  of_linker):
        assert 'too little memory' in explain(error)


def test_a_name_that_is_no_text_is_explained():
    with pytest.raises(UnicodeEncodeError) as error:
        'a\udcff.mp4'.encode()
    assert 'Rename the file' in explain(error.value)


def test_own_errors_speak_for_themselves():
    assert explain(DataError('a.png: is empty')) == 'a.png: is empty'


@pytest.mark.parametrize('error', [KeyError('a'), TypeError('b'),
                                   RuntimeError('c')])
def test_faults_are_not_explained_away(error):
    assert explain(error) is None
    assert 'fault of mmderain' in fault(error)
    assert type(error).__name__ in fault(error)
