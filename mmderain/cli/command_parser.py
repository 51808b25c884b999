"""The parser of a command: examples, and what is meant by other words."""

import argparse
import difflib
import re
import sys
from collections.abc import Sequence
from itertools import takewhile

from mmderain.cli.elsewhere import ELSEWHERE
from mmderain.cli.option_types import path_text

# command -> what somebody types; tests understand each
EXAMPLES = {
    'align-clips': ('data/clips/train --workers 2', ),
    'benchmark': ('vimpnet --size 5x256x256 --runs 7',
                  '--all --output speed/'),
    'check-data': ('ViMPNet', ),
    'compare': ('clean/ comparison/ --protocol rainsyn --input rainy/ '
                '--result ours restored/', ),
    'completion': ('bash > ~/.local/share/bash-completion/completions/'
                   'mmderain', ),
    'convert': ('vimpnet official.pth vimpnet.pth', ),
    'derain': ('rainy.mp4 clean.mp4',
               '-i rainy.mp4 -o clean/ --remove streaks',
               'cards/ clean/ --dry-run',
               'rtsp://camera/1 clean/ --segment-time 600',
               'rainy.mp4 clean.mp4 --start 1:30 --end 2:00 --preview side'),
    'env': ('', ),
    'evaluate': ('restored/ clean/ --protocol vrds', ),
    'export': ('aligned_median streaks.onnx', ),
    'models': ('', ),
    'render-clips': ('data/clips --train 4800 --val 300', ),
    'render-lens-clips': ('data/lens_clips --clips 4000', ),
    'serve': ('', '--port 9000 --max-seconds 30'),
    'ship-weights': ('work_dirs/mine/iter_4000.pth mine --folder shipped/', ),
    'synthesize': ('clean_videos/ data/rain --preset heavy', ),
    'test': ('ViMPNet_small work_dirs/ViMPNet_small/iter_700.pth '
             '--out metrics.json', ),
    'train': ('ViMPNet_small', 'mine.py --work-dir work --resume',
              'ViMPNet --cfg-options load_from=vimpnet.pth '
              'optim_wrapper.optimizer.lr=1e-5'),
    'write-masks': ('data/raindrop --picture masks.png', ),
}


class CommandParser(argparse.ArgumentParser):
    """Of a command that has examples.

    Args:
        prog: ``mmderain COMMAND``.
        description: Shown before the examples.
        **settings: As for the base class.
    """

    def __init__(self, prog: str, description: str, **settings) -> None:
        self._command = prog.partition(' ')[2]
        lines = (f'  {prog} {words}'.rstrip()
                 for words in EXAMPLES[self._command])
        after = [settings.pop('epilog', None),
                 'what the exit status means: mmderain --help']
        super().__init__(
            prog, description='\n\n'.join(
                (description, '\n'.join(('examples:', *lines)))),
            epilog='\n\n'.join(filter(None, after)),
            formatter_class=_Formatter, **settings)

    def parse_args(self, args: Sequence[str] | None = None,
                   namespace: argparse.Namespace | None = None
                   ) -> argparse.Namespace:
        """Read arguments; what is not understood is told what it is here."""
        args = sys.argv[1:] if args is None else list(args)
        for word in takewhile(lambda word: word != '--', args):
            name = word.partition('=')[0]
            here = self._spelt_here(name)
            if here is not None:
                self.error(f'{name}: expected {here}')
            if self._is_taken_apart(name):
                self.error(self._no_option(name))
        namespace, rest = self.parse_known_args(args, namespace)
        if '--' not in args and any(map(_is_path, rest)):
            # what is between options is a path, too, as in `a.mp4 -t 9 b.mp4`
            namespace, rest = self.parse_known_intermixed_args(args)
        for word in rest:
            if word.startswith('-'):
                self.error(self._no_option(word.partition('=')[0]))
        if rest:
            self.error(f'unrecognized arguments: {" ".join(rest)}')
        return namespace

    def _spelt_here(self, name: str) -> str | None:
        """What does here what an option of other programs does there.

        FFmpeg has one dash, and underscores; ``-output`` would be ``-o`` with
        the value ``utput``.
        """
        known = self._option_string_actions
        if name in known or not name.startswith('-'):
            return None
        here = f'--{name.lstrip("-").replace("_", "-")}'
        if name != here and here in known:
            return here
        return ELSEWHERE.get(self._command, {}).get(name.replace('_', '-'))

    def _is_taken_apart(self, name: str) -> bool:
        """Whether one dash and letters would be something else.

        ``-hideous`` would be ``-h``, ``-tune`` the option ``-t`` with ``une``,
        and ``-a`` the beginning of ``-an``. Paths may follow without a space.
        """
        known = self._option_string_actions
        letter = known.get(name[:2])
        return (name not in known
                and re.fullmatch('-[a-z][a-z_:-]*', name) is not None
                and getattr(letter, 'type', None) is not path_text)

    def _no_option(self, name: str) -> str:
        near = difflib.get_close_matches(name, self._option_string_actions, 1)
        return (f'{name}: there is no such option. '
                + ''.join(f'Did you mean {option}? ' for option in near)
                + f'{self.prog} --help lists all.')


def _is_path(word: str) -> bool:
    return word == '-' or not word.startswith('-')


class _Formatter(argparse.HelpFormatter):
    """Leaves paragraphs of several lines as they are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return '\n\n'.join(
            part if '\n' in part else super(_Formatter, self)._fill_text(
                part, width, indent)
            for part in text.split('\n\n'))
