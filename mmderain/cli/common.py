"""What the commands share: configs, errors without tracebacks."""

import argparse
import difflib
import os
import sys
import textwrap
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmderain.cli.asked_to_end import (
    ended_in_time,
    heeding_signals,
    said_in_time,
)
from mmderain.cli.ending import (
    all_printed,
    end_beside_others,
    own_message,
    print_end,
    was_stopped,
    with_working_packages,
)
from mmderain.cli.exit_codes import Exit, kind_of
from mmderain.cli.option_types import path_text
from mmderain.cli.printing import PatientStream, discard, patient_printing
from mmderain.config_file import read_config_file
from mmderain.errors import CheckpointError, ConfigError, UserError, fault
from mmderain.file_kinds import EMPTY, no_file
from mmderain.paths import find_config, our_configs

if TYPE_CHECKING:  # a command that only complains does not import it
    from mmengine.config import Config


_CONFIG_SUFFIXES = ('.py', '.json', '.yml', '.yaml')


def run(command: Callable[[], int | None], stopped: str = 'stopped',
        say: Callable[..., object] | None = None) -> int:
    """Run a command; what a user can fix is printed without a traceback.

    Args:
        command: What to run; returns an exit status, or None for 0.
        stopped: What to say after Ctrl-C.
        say: Told the status, why, and in a word what it is about, instead of
            that being printed.

    Returns:
        int: The exit status, see :class:`Exit`.
    """
    with patient_printing() as streams:
        return _run(command, stopped, say or print_end, streams)


def _run(command: Callable[[], int | None], stopped: str,
         say: Callable[..., object], streams: Sequence[PatientStream]) -> int:
    try:
        with heeding_signals(), ended_in_time(
                lambda: say(Exit.STOPPED, stopped, 'stopped')):
            _require_current_folder()
            status, said = all_printed(with_working_packages(command) or 0,
                                       streams)
        say(status, said)
        return status
    except BrokenPipeError:
        # as behind `| head`
        discard(sys.stdout)
        with suppress(BrokenPipeError):  # nor what is said of it
            say(Exit.PARTLY, 'stopped: nobody reads on what is printed',
                'unread')
        return Exit.PARTLY
    except KeyboardInterrupt:
        with said_in_time():
            say(Exit.STOPPED, stopped, 'stopped')
            sys.stdout.flush()
        return Exit.STOPPED
    except Exception as error:
        said = own_message(error)
        if said is not None:
            say(Exit.REFUSED, said, kind_of(error))
            end_beside_others(Exit.REFUSED)
            return Exit.REFUSED
        if was_stopped(error):
            say(Exit.STOPPED, stopped, 'stopped')
            return Exit.STOPPED
        say(Exit.PARTLY, fault(error), 'fault')
        raise  # Python says where it happened, and ends with 1


def _require_current_folder() -> None:
    """Without it names of files lead nowhere, as the system says of none."""
    try:
        os.getcwd()
    except FileNotFoundError as error:
        raise UserError('The current folder has been removed. Change into '
                        'another one (cd), and run again.') from error


def add_config_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments that training and testing share with MMagic's tools."""
    parser.add_argument('config', type=path_text,
                        help='config file, or the name of one of mmderain')
    parser.add_argument('--work-dir', type=path_text,
                        help='folder for logs and checkpoints')
    add_cfg_options(parser)
    parser.add_argument(
        '--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'],
        default='none', help='who started the processes')
    # torch.distributed.launch passes this
    parser.add_argument('--local-rank', '--local_rank', type=int, default=0,
                        help=argparse.SUPPRESS)


def list_configs() -> str:
    """The names of our configs, for ``--help``."""
    return ('configs of mmderain, which need no path:\n' + textwrap.fill(
        '  '.join(our_configs()), 79, initial_indent='  ',
        subsequent_indent='  ', break_on_hyphens=False))


class _CfgOptions(argparse.Action):
    """MMEngine's ``DictAction``, imported where the option is used."""

    def __call__(self, parser: argparse.ArgumentParser,
                 namespace: argparse.Namespace, values: Sequence[str],
                 option_string: str | None = None) -> None:
        for value in values:
            if '=' not in value:
                raise argparse.ArgumentError(
                    self, f'expected KEY=VALUE such as '
                    f'train_cfg.max_iters=1000, got {value!r}')
        from mmengine.config import DictAction
        DictAction(self.option_strings, self.dest, self.nargs)(
            parser, namespace, values, option_string)


def add_cfg_options(parser: argparse.ArgumentParser) -> None:
    """The option that overrides settings of a config."""
    parser.add_argument(
        '--cfg-options', nargs='+', action=_CfgOptions, default={},
        help='override settings of the config, as key=value; nested keys '
        'with dots, lists as "[a,b]"')


def load_config(args: argparse.Namespace) -> 'Config':
    """Read the config and apply the shared arguments.

    Raises:
        ConfigError: The file is missing or cannot be read as a config.
    """
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    cfg = read_config(args.config, args.cfg_options)
    cfg.launcher = args.launcher
    if args.work_dir:
        cfg.work_dir = args.work_dir
    elif cfg.get('work_dir') is None:
        cfg.work_dir = str(Path('work_dirs') / Path(args.config).stem)
    return cfg


def require_checkpoint(path: str) -> None:
    """Notice a misspelt path before anything is built.

    Raises:
        CheckpointError: It is a local path, and there is no file.
    """
    if '://' not in path:
        require_local_checkpoint(path)


def require_local_checkpoint(path: str) -> None:
    """Notice a misspelt path, or an address, where only files are read.

    Raises:
        CheckpointError: It is an address, or there is no such file.
    """
    if '://' in path:
        name = path.split('?')[0].rstrip('/').rpartition('/')[2]
        raise CheckpointError(
            f'{path}: expected a file on this machine, got an address. '
            f'Download it first, for example: curl -L -o {name or "model.pth"}'
            f" '{path}'")
    problem = no_file(Path(path).expanduser())
    if problem and os.path.isfile(Path(f'{path}.index').expanduser()):
        raise CheckpointError(
            f'{path}: expected a checkpoint of mmderain, got one of '
            'TensorFlow. Convert it first, for example: mmderain convert '
            f'eevrsr {path} eevrsr.pth')
    if problem:
        raise CheckpointError(f'There is no checkpoint {path}: {problem}. '
                              'Fix the path, or train first.')


def require_config(path: str) -> str:
    """Notice a misspelt path before anything is imported.

    Args:
        path: Of a file, or the name of one of our configs, which needs
            neither a folder nor an ending.

    Returns:
        str: The file's path.

    Raises:
        ConfigError: There is no such file, or it is no config by its name.
    """
    problem = no_file(Path(path))
    ours = find_config(path)
    if problem is not None and ours is not None:
        return str(ours)
    if problem not in (None, EMPTY):  # which has no model, as is said later
        name = Path(path).stem
        names = {known.lower(): known for known in our_configs()}
        near = [names[it] for it in difflib.get_close_matches(
            name.lower(), names, 1)]
        raise ConfigError(f'There is no config {path}: {problem}. Fix the '
                          'path; mmderain train --help lists those of '
                          'mmderain.'
                          + ''.join(f' Did you mean {it}?' for it in near))
    if Path(path).suffix not in _CONFIG_SUFFIXES:
        raise ConfigError(f'{path}: expected a config, whose name ends in '
                          f'{", ".join(_CONFIG_SUFFIXES)}. Fix the path.')
    return path


def read_config(path: str, options: dict[str, Any]) -> 'Config':
    """Read a config file, merge options into it, put its variables in.

    Raises:
        ConfigError: The file is missing or cannot be read as a config, or an
            option would change nothing.
    """
    path = require_config(path)
    from mmderain.engine.config_values import check_options, misspelt_keys
    from mmderain.engine.config_variables import fill_in_variables

    cfg = read_config_file(path)
    check_options(options, cfg)
    try:
        cfg.merge_from_dict(options)
    except (KeyError, TypeError, AssertionError) as error:
        raise ConfigError(
            f'--cfg-options {" ".join(options)}: this config has no such '
            f'place ({str(error).splitlines()[0]}). Look at its '
            'settings.') from error
    for key, known in misspelt_keys(cfg).items():
        print(f'WARNING: {path}: nothing reads {key}. Did you mean {known}?',
              file=sys.stderr)
    return fill_in_variables(cfg, cfg)
