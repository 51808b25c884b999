"""What the commands share: configs, errors without tracebacks."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from mmengine.config import Config, DictAction

from mmderain.errors import CheckpointError, ConfigError, UserError


def run(command: Callable[[], int | None], stopped: str = 'stopped') -> int:
    """Run a command; what a user can mend is printed without a traceback.

    Args:
        command: What to run; returns an exit status, or None for 0.
        stopped: What to say after Ctrl-C.

    Returns:
        int: The exit status: 0, 2 for a user's error, 130 for Ctrl-C.
    """
    try:
        return command() or 0
    except UserError as error:
        _print_once(f'error: {_own_message(error)}')
        return 2
    except FileNotFoundError as error:
        _print_once(f'error: {error}')
        return 2
    except KeyboardInterrupt:
        _print_once(stopped)
        return 130


def _own_message(error: UserError) -> str:
    """The message; of a worker's error, without the traceback around it."""
    text = str(error)
    marker = f'{type(error).__name__}: '
    if text.startswith('Caught ') and marker in text:
        return text.rsplit(marker, 1)[1].strip()
    return text


def _print_once(text: str) -> None:
    """Print, marked with the process where there are several."""
    rank = os.environ.get('RANK', '0')
    prefix = '' if rank == '0' else f'[process {rank}] '
    print(f'{prefix}{text}', file=sys.stderr, flush=True)


def add_config_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments that training and testing share with MMagic's tools."""
    parser.add_argument('config', help='config file')
    parser.add_argument('--work-dir', help='folder for logs and checkpoints')
    add_cfg_options(parser)
    parser.add_argument(
        '--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'],
        default='none', help='who started the processes')
    # torch.distributed.launch passes this
    parser.add_argument('--local-rank', '--local_rank', type=int, default=0,
                        help=argparse.SUPPRESS)


def add_cfg_options(parser: argparse.ArgumentParser) -> None:
    """The option that overrides settings of a config."""
    parser.add_argument(
        '--cfg-options', nargs='+', action=DictAction, default={},
        help='override settings of the config, as key=value; nested keys '
        'with dots, lists as "[a,b]"')


def load_config(args: argparse.Namespace) -> Config:
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
    if '://' not in path and not Path(path).expanduser().is_file():
        raise CheckpointError(f'There is no checkpoint {path}. Mend the path, '
                              'or train first.')


def read_config(path: str, options: dict) -> Config:
    """Read a config file, merge options into it, put its variables in.

    Raises:
        ConfigError: The file is missing or cannot be read as a config, or an
            option would change nothing.
    """
    from mmderain.engine.config_values import check_options
    from mmderain.engine.config_variables import fill_in_variables

    if not Path(path).is_file():
        raise ConfigError(f'There is no config {path}. Mend the path; '
                          'configs/derainers has those of mmderain.')
    try:
        cfg = Config.fromfile(path)
        check_options(options, cfg)
        cfg.merge_from_dict(options)
    except (ImportError, ConfigError):
        raise
    # whatever a config's Python code may raise
    except Exception as error:
        raise ConfigError(f'{path} cannot be read as a config: '
                          f'{type(error).__name__}: {error}') from error
    return fill_in_variables(cfg, cfg)
