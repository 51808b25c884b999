"""Damaged weights at random: ``python -m tests.reliability.mutations``.

Bytes of checkpoints and caffemodels are changed, cut out, repeated and put in,
in the file and in the pickle inside of it. Reading such a file either works or
ends in a complaint that a user can act on; it starts no program, opens no
connection, and takes no more memory than a small file may. For an hour:
``--minutes 60 --seed 1``.
"""

import argparse
import io
import random
import resource
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mmderain.checkpoints.description import load_method
from mmderain.checkpoints.readers.caffe import read_caffemodel
from mmderain.errors import UserError
from tests.helpers.videos import write_checkpoint

_MEMORY = 2 << 30  # bytes that it may grow by
_NUMBERS = (0, 1, 127, 128, 255, 2**15, 2**31 - 1, 2**32 - 1, 2**63 - 1)
_FORBIDDEN = ('os.system', 'os.exec', 'os.posix_spawn', 'subprocess.Popen',
              'socket.connect', 'shutil.rmtree')
_is_watching = False


def changed(content: bytes, draw: random.Random) -> bytes:
    """Some bytes of a file changed."""
    data = bytearray(content)
    for _ in range(draw.choice((1, 1, 2, 5, 30))):
        place = draw.randrange(len(data) + 1)
        length = draw.choice((1, 2, 4, 8, 64, 1000))
        part = slice(place, place + length)
        way = draw.randrange(5)
        if way == 0:
            data[part] = draw.randbytes(len(data[part]))
        elif way == 1:
            del data[part]
        elif way == 2:
            data[place:place] = data[part]
        elif way == 3:
            number = draw.choice(_NUMBERS).to_bytes(
                8, draw.choice(('little', 'big')))
            data[place:place + 8] = number
        else:
            data[place:place] = draw.randbytes(length)
    return bytes(data)


def changed_inside(content: bytes, draw: random.Random) -> bytes:
    """A checkpoint whose pickle was changed, in a sound archive."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(
            result, 'w') as new:
        for name in old.namelist():
            part = old.read(name)
            if name.endswith('.pkl'):
                part = changed(part, draw)
            new.writestr(name, part)
    return result.getvalue()


def tell(read: Callable[[Path], object], path: Path) -> str | None:
    """What came of reading: 'read', 'refused', or None for a fault."""
    try:
        with watched():
            read(path)
    except UserError:
        return 'refused'
    # whatever else is what is looked for
    except BaseException:
        traceback.print_exc()
        return None
    return 'read'


def attempts(folder: Path, caffemodel: bytes, draw: random.Random,
             is_over: Callable[[int], bool]) -> Counter:
    """Try until it is over.

    Args:
        folder: For the files.
        caffemodel: A sound one.
        draw: Source of every random choice.
        is_over: Told how many were tried.

    Returns:
        Counter: Of 'read', 'refused', and None for faults, whose files stay
        in the folder.
    """
    checkpoint = write_checkpoint(
        folder / 'sound.pth', 'eevrsr_derain_only').read_bytes()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    results: Counter = Counter()
    while not is_over(results.total()):
        name = draw.choice(('inside', 'file', 'caffe'))
        path = folder / f'{results.total()}_{name}.pth'
        if name == 'caffe':
            path.write_bytes(changed(caffemodel, draw))
            result = tell(read_caffemodel, path)
        else:
            change = changed_inside if name == 'inside' else changed
            path.write_bytes(change(checkpoint, draw))
            result = tell(lambda path: load_method(str(path)), path)
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        if (after - before) * 1024 > _MEMORY:
            print(f'{path} took {(after - before) >> 10} MiB')
            before, result = after, None
        results[result] += 1
        if result is not None:
            path.unlink()
    return results


@contextmanager
def watched() -> Iterator[None]:
    """Meanwhile, what no weights may do is an error."""
    global _is_watching
    if not hasattr(sys, '_mmderain_watches'):
        # it cannot be taken away again
        sys.addaudithook(_hook)
        sys._mmderain_watches = True
    _is_watching = True
    try:
        yield
    finally:
        _is_watching = False


def _hook(event: str, arguments: tuple) -> None:
    if _is_watching and event in _FORBIDDEN:
        raise AssertionError(f'a file of weights caused {event}')


def sound_caffemodel(folder: Path) -> bytes:
    """A small one, of two layers."""
    from mmderain.checkpoints.readers.caffe import _net_class
    net = _net_class()()
    for name, shape in (('first', (4, 3, 3, 3)), ('second', (4, ))):
        layer = net.layer.add(name=name)
        blob = layer.blobs.add()
        blob.shape.dim.extend(shape)
        count = 1
        for side in shape:
            count *= side
        blob.data.extend([0.5] * count)
    return net.SerializeToString()


def main() -> None:
    """Attempts until the time is over; exits with 1 after a fault."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--minutes', type=float, default=10)
    parser.add_argument('--seed', type=int, default=0)
    args = parser.parse_args()
    end = time.monotonic() + 60 * args.minutes
    folder = Path(tempfile.mkdtemp())
    results = attempts(folder, sound_caffemodel(folder),
                       random.Random(args.seed),
                       lambda count: time.monotonic() > end)
    faults = results[None]
    print(f'{results["read"]} read, {results["refused"]} refused, {faults} '
          'faults' + (f', their files are in {folder}' if faults else ''))
    sys.exit(faults > 0)


if __name__ == '__main__':
    main()
