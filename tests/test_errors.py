"""What errors of other packages and of the system become."""

import errno
import os
import subprocess
import sys

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


def test_another_process_that_has_ended_is_explained(tmp_path):
    """In gloo's own words: of two processes one dies."""
    code = '''
import os, sys, torch, torch.distributed as dist
from mmderain.errors import explain
rank = int(sys.argv[1])
dist.init_process_group('gloo', init_method='file://' + sys.argv[2],
                        rank=rank, world_size=2)
dist.all_reduce(torch.ones(1))
if rank:
    os._exit(9)
try:
    while True:
        dist.all_reduce(torch.ones(1))
except RuntimeError as error:
    print(explain(error))
'''
    first, other = (subprocess.Popen(
        [sys.executable, '-W', 'ignore', '-c', code, rank,
         str(tmp_path / 'meet')], stdout=subprocess.PIPE, text=True)
        for rank in '01')
    said, _ = first.communicate(timeout=120)
    other.communicate(timeout=60)
    assert other.returncode == 9
    assert said.startswith('Another process of this training has ended')


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
