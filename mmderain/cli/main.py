"""``mmderain COMMAND``: every command by one name."""

import difflib
import importlib
import re
import shlex
import sys

from mmderain.cli.asked_to_end import heeding_signals
from mmderain.cli.common import run
from mmderain.cli.ending import end_beside_receivers
from mmderain.cli.exit_codes import Exit, exit_table
from mmderain.version import __version__

_GROUPS = {
    'to remove rain': {
        'derain': ('derain', 'remove rain from videos and images'),
        'serve': ('serve', 'serve a page on which videos are derained'),
        'models': ('models', 'list the weights that come with mmderain'),
        'export': ('export', 'write a network as an ONNX file'),
    },
    'to train and test': {
        'train': ('train', 'train a model'),
        'test': ('test', 'test a checkpoint'),
        'check-data': ('check_data', 'check the data sets of a config'),
        'convert': ('convert', 'convert an official checkpoint'),
        'ship-weights': ('ship_weights',
                         'make shipped weights of a checkpoint'),
    },
    'to measure': {
        'evaluate': ('evaluate', 'score restored frames by a named protocol'),
        'compare': ('compare', 'compare methods on one set'),
        'benchmark': ('benchmark', 'time a network against this machine'),
    },
    'to make data': {
        'synthesize': ('synthesize', 'render rain on clean frames'),
        'render-clips': ('render_clips', 'render clips to train on'),
        'align-clips': ('align_clips', 'align rendered clips before training'),
        'render-lens-clips': ('render_lens_clips',
                              'render clips with drops on the lens'),
        'write-masks': ('write_masks', 'write the raindrop masks of pairs'),
    },
    'for reports and shells': {
        'env': ('env', 'print what is installed, to report a fault'),
        'completion': ('completion',
                       'print what makes a shell complete words'),
    },
}
# command -> its module, and what it does
COMMANDS = {name: command for group in _GROUPS.values()
            for name, command in group.items()}
_HELP, _VERSION = ('-h', '--help', 'help'), ('-V', '--version', 'version')


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns its exit status.

    Args:
        argv: Its words; None where it is what this program is for.
    """
    if argv is not None:
        return _run(list(argv))
    status = _run(sys.argv[1:])
    end_beside_receivers(status)
    return status


def _run(argv: list[str]) -> int:
    if argv[:1] == ['help'] and len(argv) > 1:
        argv = [argv[1], '--help']
    if not argv or argv[0] in _HELP:
        return run(lambda: print(_usage()))
    if argv[0] in _VERSION:
        return run(lambda: print(f'mmderain {__version__}'))
    if argv[0] not in COMMANDS:
        print(f'error: {_no_command(argv)}', file=sys.stderr)
        return Exit.REFUSED
    try:
        with heeding_signals():
            # the others are not needed
            module = importlib.import_module(
                f'mmderain.cli.{COMMANDS[argv[0]][0]}')
            return module.main(argv[1:])
    # while it is imported; a command says itself what it leaves behind
    except KeyboardInterrupt:
        print('stopped', file=sys.stderr)
        return Exit.STOPPED


def _no_command(argv: list[str]) -> str:
    """That there is no such command, and which may be meant."""
    said = f'mmderain has no command {argv[0]!r}'
    if re.search('[-./:]', argv[0]):  # paths or options
        return f'{said}. To remove rain: mmderain derain {shlex.join(argv)}'
    near = difflib.get_close_matches(argv[0], COMMANDS, 1)
    return said + (''.join(f'. Did you mean {name}? It' for name in near)
                   or '; it') + f' has {", ".join(COMMANDS)}'


def _usage() -> str:
    width = max(map(len, COMMANDS))
    groups = ('\n'.join((f'{title}:', *(
        f'  {name:<{width}}  {text}' for name, (_, text) in group.items())))
        for title, group in _GROUPS.items())
    return '\n\n'.join((
        'usage: mmderain COMMAND ...\n       mmderain COMMAND --help\n'
        '       mmderain --version', *groups,
        f'exit status of every command:\n{exit_table()}'))
