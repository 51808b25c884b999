"""Kill a command before each change of files, and go on.

``python -m tests.reliability.kill_points FOLDER [STEP]`` ends a run before its
first, its second, ... call that makes, renames or removes a file, or waits for
the disk, and lets another go on. What comes out has to be what an unbroken run
gives, and what was there before has to be there, or its successor. It prints a
line for each command and each problem.
"""

import hashlib
import os
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import count
from pathlib import Path

import torch

from mmderain.cli.derain import main
from mmderain.methods import get_method
from tests.helpers.videos import pictures, write_checkpoint, write_video

_CALLS = ('replace', 'rename', 'link', 'unlink', 'rmdir', 'mkdir', 'fsync')
_MOST = 2000
_METHOD = 'eevrsr_derain_only'  # without motion: the fastest of all


@dataclass(frozen=True)
class Command:
    """What is killed.

    Args:
        name: Of it.
        arguments: From the folder of the outputs.
        again: What the next run says more.
        outputs: Names of files or folders that it writes.
        has_earlier: Whether they are there, and are to be replaced.
    """

    name: str
    arguments: Callable[[Path], list[str]]
    again: tuple[str, ...]
    outputs: tuple[str, ...]
    has_earlier: bool = False


def commands(folder: Path) -> list[Command]:
    """Single videos, frames, archives; new ones and replaced ones."""
    checkpoint = write_checkpoint(folder / 'model.pth', _METHOD)
    videos = [str(write_video(folder / f'{name}.mp4', pictures(7, seed=seed)))
              for seed, name in enumerate('ab')]
    base = ['--checkpoint', str(checkpoint), '--device', 'cpu', '--crf', '0',
            '--segment-frames', '4']
    images = [*base[:4], *base[6:]]

    def single(output: Path) -> list[str]:
        return [*base, videos[0], str(output / 'x.mp4'), '--preview',
                'side']

    def frames(output: Path) -> list[str]:
        return [*images, videos[0], str(output / 'x')]

    def archive(output: Path) -> list[str]:
        return [*base, *videos, '--output-dir', str(output), '--summary',
                str(output / 'summary.json')]

    def replacing(arguments: Callable[[Path], list[str]]
                  ) -> Callable[[Path], list[str]]:
        return lambda output: [*arguments(output), '--overwrite']

    resume = ('--resume', )
    return [
        Command('video', single, resume, ('x.mp4', 'x.preview.mp4')),
        Command('frames', frames, resume, ('x', )),
        Command('archive', archive, (), ('a.mp4', 'b.mp4')),
        Command('video again', replacing(single), resume,
                ('x.mp4', 'x.preview.mp4'), True),
        Command('frames again', replacing(frames), resume, ('x', ), True),
        Command('archive again', replacing(archive), (), ('a.mp4', 'b.mp4'),
                True)]


def run(arguments: Sequence[str], kill_before: int = 0) -> int:
    """The status of the command in a process of its own.

    Args:
        arguments: Of the command.
        kill_before: The call before which it is killed; 0 for none.
    """
    child = os.fork()
    if child == 0:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        calls = count(1)
        for name in _CALLS if kill_before else ():
            setattr(os, name, _counted(getattr(os, name), calls, kill_before))
        os._exit(main(list(arguments)))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _counted(call: Callable, calls: count, last: int) -> Callable:
    def counted(*arguments: object, **settings: object) -> object:
        if next(calls) == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*arguments, **settings)
    return counted


def known(path: Path) -> str | None:
    """By what an output is known; None where there is none."""
    if not path.exists():
        return None
    parts = sorted(path.glob('*.png')) if path.is_dir() else [path]
    return hashlib.sha256(b''.join(
        part.read_bytes() for part in parts)).hexdigest()


def problems(command: Command, folder: Path, step: int = 1) -> list[str]:
    """Kill it at every ``step``-th place; what was not as it should be."""
    whole = folder / f'{command.name} whole'
    earlier = folder / f'{command.name} earlier'
    for place, more in ((whole, ()), (earlier, ('--strength', '.5'))):
        place.mkdir()
        assert run([*command.arguments(place), *more]) == 0
    expected, before = ({name: known(place / name)
                         for name in command.outputs}
                        for place in (whole, earlier))
    assert all(expected[name] != before[name] for name in expected)
    found: list[str] = []
    for number in range(1, _MOST, step):
        output = folder / f'{command.name} {number}'
        if command.has_earlier:
            shutil.copytree(earlier, output)
        else:
            output.mkdir()
        arguments = command.arguments(output)
        if run(arguments, number) == 0:
            print(f'{command.name}: fewer than {number} calls', flush=True)
            return found
        where = f'{command.name}, killed before call {number}'
        is_done = all(known(output / name) == expected[name]
                      for name in command.outputs)
        for name in command.outputs:
            allowed = [expected[name]]
            allowed += [before[name]] if command.has_earlier else [None]
            # a folder is replaced in two steps; what was is kept meanwhile
            allowed += [None] if not (earlier / name).is_file() else []
            if known(output / name) not in allowed:
                found.append(f'{where}: {name} is neither old nor new')
        status = run([*arguments, *command.again])
        after = {name: known(output / name) for name in command.outputs}
        left = [path.name for path in output.glob('*.parts')]
        # after the very last step it is refused, as the output is there
        if (status and not is_done) or after != expected or left:
            found.append(f'{where}: going on ended with {status}, '
                         f'{after != expected=}, {left=}')
        shutil.rmtree(output)
    raise AssertionError('it never ends')


def check(folder: Path, step: int) -> list[str]:
    """All commands."""
    torch.set_num_threads(1)
    # the forks would each import all this, most of their time
    for name in ('backends.torch_backend', 'jobs.archive'):
        import_module(f'mmderain.{name}')
    get_method(_METHOD).derainer_class()
    return [problem for command in commands(folder)
            for problem in problems(command, folder, step)]


if __name__ == '__main__':
    broken = check(Path(sys.argv[1]), int([*sys.argv, '1'][2]))
    print('\n'.join(broken))
    sys.exit(bool(broken))
