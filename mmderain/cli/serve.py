"""A page to try it on: ``mmderain serve``."""

import argparse
import os
import signal
import socket
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import mmderain
from mmderain.cli.command_parser import CommandParser
from mmderain.cli.common import require_local_checkpoint, run
from mmderain.cli.ending import print_error
from mmderain.cli.option_types import frame_size, path, path_text, whole
from mmderain.errors import UserError
from mmderain.packages import require_packages
from mmderain.processes import StopSignal
from mmderain.weights import find_weights

if TYPE_CHECKING:  # a command that only complains does not import them
    import uvicorn
    from starlette.types import ASGIApp

    from mmderain.serve.limits import Limits

# not from the folder that it runs in, where the files of visitors are
_JOB = (sys.executable, '-P', '-m', 'mmderain.cli.serve_job')
_PACKAGES = str(Path(mmderain.__file__).parents[1])
_STOPPED = 'stopped: jobs were ended, and all files of visitors cleared'
_SECONDS_TO_CLOSE = 2  # of downloads, when the server is stopped


def build_parser() -> argparse.ArgumentParser:
    """The arguments."""
    parser = CommandParser(
        prog='mmderain serve',
        description='Serve a page on which videos and pictures are derained, '
                    'for browsers on this machine. Ctrl-C ends it and clears '
                    'all files.')
    parser.add_argument('--port', type=whole(0, 65535), default=8765,
                        help='0 for any that is free (default: 8765)')
    parser.add_argument('--host', default='127.0.0.1', metavar='ADDRESS',
                        help='0.0.0.0 for every network of this machine: '
                        'then whoever reaches it may use it (default: '
                        '127.0.0.1, this machine alone)')
    parser.add_argument('--name', action='append', default=[],
                        help='by which browsers call this server, beside its '
                        'address and localhost; may be there more than once')
    parser.add_argument('--folder', type=path, help='for files of visitors, '
                        "while they are there (default: the system's)")
    model = parser.add_argument_group('what derains')
    model.add_argument('--checkpoint', type=path_text, metavar='FILE')
    model.add_argument('--model', metavar='NAME')
    model.add_argument('--device', help='all three as of mmderain derain')
    _add_limits(parser.add_argument_group('limits'))
    return parser


def _add_limits(group: argparse._ArgumentGroup) -> None:
    group.add_argument('--max-megabytes', type=whole(1), default=500,
                       metavar='N', help='of a file (default: 500)')
    group.add_argument('--max-seconds', type=whole(1), default=120,
                       metavar='N', help='of a video (default: 120)')
    group.add_argument('--max-size', type=frame_size, default=(2160, 3840),
                       metavar='WxH', help='pixels of a frame, in any shape '
                       '(default: 3840x2160)')
    group.add_argument('--max-minutes', type=whole(1), default=60,
                       metavar='N', help='that a job may take (default: 60)')
    group.add_argument('--max-jobs', type=whole(1), default=8, metavar='N',
                       help='that wait or run (default: 8)')
    group.add_argument('--at-once', type=whole(1), default=1, metavar='N',
                       help='jobs that run at the same time (default: 1)')
    group.add_argument('--keep-minutes', type=whole(1), default=60,
                       metavar='N', help='after which a result is cleared '
                       '(default: 60)')


def main(argv: list[str] | None = None) -> int:
    """Serve until it is stopped; returns the exit status."""
    args = build_parser().parse_args(argv)
    return run(lambda: serve(args), stopped=_STOPPED)


def serve(args: argparse.Namespace) -> None:
    """Serve the page until a signal comes.

    Raises:
        UserError: There is no such model or device, or the port is taken.
        KeyboardInterrupt: It is stopped.
    """
    require_packages(['starlette', 'uvicorn'])
    choices = _choices(args)
    from mmderain.serve.app import make_app
    from mmderain.serve.job_queue import JobQueue
    from mmderain.serve.work_folder import work_folder

    def started() -> None:
        tell(listening)
        # a signal that came before the server took over
        server.should_exit |= stop.came

    with (listening_at(args.host, args.port) as listening,
          StopSignal(signal.SIGTERM) as stop,
          work_folder(args.folder) as folder):
        queue = JobQueue(folder, limits_of(args), args.at_once, _JOB,
                         print_error, _environment(),
                         partial(print, flush=True))
        server = server_of(make_app(queue, choices, {args.host, *args.name},
                                    started))
        server.run(sockets=[listening])
    raise KeyboardInterrupt  # nothing but a signal ends it


def limits_of(args: argparse.Namespace) -> 'Limits':
    """What the options say of them."""
    from mmderain.serve.limits import Limits

    return Limits(args.max_megabytes, args.max_seconds, args.max_size[::-1],
                  args.max_minutes, args.max_jobs, args.keep_minutes)


def _environment() -> dict[str, str]:
    """By which a job finds this package, also of a checkout."""
    return {'PYTHONPATH': os.pathsep.join(
        [_PACKAGES, *filter(None, [os.environ.get('PYTHONPATH')])])}


def _choices(args: argparse.Namespace) -> dict[str, tuple[str, ...]]:
    """What a visitor may choose, and the options for it.

    Raises:
        UserError: The model or the device is not there.
    """
    if args.device is not None:
        from mmderain.jobs.devices import check_device
        check_device(args.device)
    if args.checkpoint is not None:
        require_local_checkpoint(args.checkpoint)
        # jobs run in folders of their own
        args.checkpoint = os.path.abspath(args.checkpoint)
    else:
        find_weights(args.model)
    common = tuple(
        word for name in ('checkpoint', 'model', 'device')
        if (value := getattr(args, name)) is not None
        for word in (f'--{name}', value))
    if args.checkpoint is None and args.model is None:
        return {'streaks and drops': common,
                'streaks': (*common, '--remove', 'streaks'),
                'drops on the lens': (*common, '--remove', 'drops')}
    name = args.model or 'the checkpoint'
    return {name: common,
            f'{name}, then drops on the lens': (*common, '--remove', 'drops')}


def listening_at(host: str, port: int) -> socket.socket:
    """A socket at that address.

    Raises:
        UserError: It cannot be had.
    """
    try:
        family, *_, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family)
    except (OSError, UnicodeError) as error:
        said = getattr(error, 'strerror', None) or error
        raise UserError(
            f'--host {host} --port {port}: expected an address of this '
            f'machine and a free port, got "{said}". Choose another one.'
        ) from error


def tell(listening: socket.socket) -> None:
    """Print where the page is."""
    address, port = listening.getsockname()[:2]
    host = f'[{address}]' if ':' in address else address
    if address in ('0.0.0.0', '::'):  # all of this machine's addresses
        host = 'localhost'
    print(f'mmderain serves http://{host}:{port} (Ctrl-C ends it)',
          flush=True)


def server_of(app: 'ASGIApp') -> 'uvicorn.Server':
    """What answers by an application until a signal comes."""
    import uvicorn

    return uvicorn.Server(uvicorn.Config(
        app, lifespan='on', ws='none', log_config=None, access_log=False,
        # what fails is told by the application
        log_level='critical', server_header=False, proxy_headers=False,
        timeout_graceful_shutdown=_SECONDS_TO_CLOSE))
