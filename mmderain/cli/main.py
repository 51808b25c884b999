"""``mmderain COMMAND``: every command by one name."""

import importlib
import sys

from mmderain.cli.asked_to_end import heeding_signals
from mmderain.cli.common import run
from mmderain.cli.exit_codes import Exit, exit_table
from mmderain.version import __version__

COMMANDS = {
    'train': ('train', 'train a model'),
    'test': ('test', 'test a checkpoint'),
    'evaluate': ('evaluate', 'score restored frames by a named protocol'),
    'compare': ('compare', 'compare methods on one set'),
    'check-data': ('check_data', 'check the data sets of a config'),
    'convert': ('convert', 'convert an official checkpoint'),
    'export': ('export', 'write a network as an ONNX file'),
    'derain': ('derain', 'remove rain from videos and images'),
    'serve': ('serve', 'serve a page on which videos are derained'),
    'models': ('models', 'list the weights that come with mmderain'),
    'align-clips': ('align_clips', 'align rendered clips before training'),
    'ship-weights': ('ship_weights', 'make shipped weights of a checkpoint'),
    'synthesize': ('synthesize', 'render rain on clean frames'),
    'render-clips': ('render_clips', 'render clips to train on'),
    'render-lens-clips': ('render_lens_clips',
                          'render clips with drops on the lens'),
    'write-masks': ('write_masks', 'write the raindrop masks of pairs'),
    'completion': ('completion', 'print what makes a shell complete words'),
    'benchmark': ('benchmark', 'time a network against this machine'),
}


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns its exit status."""
    argv = sys.argv[1:] if argv is None else argv
    if not argv or argv[0] in ('-h', '--help'):
        return run(lambda: print(_usage()))
    if argv[0] == '--version':
        return run(lambda: print(f'mmderain {__version__}'))
    if argv[0] not in COMMANDS:
        print(f'error: mmderain has no command {argv[0]!r}; it has '
              f'{", ".join(COMMANDS)}', file=sys.stderr)
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


def _usage() -> str:
    width = max(map(len, COMMANDS))
    return '\n'.join((
        'usage: mmderain COMMAND ...', '       mmderain --version',
        '\ncommands:', *(f'  {name:<{width}}  {text}'
                         for name, (_, text) in COMMANDS.items()),
        f'\nexit status of every command:\n{exit_table()}'))
