"""The parser of a command: ``--help`` shows examples."""

import argparse
import sys
from collections.abc import Sequence
from itertools import takewhile

# command -> what somebody types; tests understand each
EXAMPLES = {
    'align-clips': ('data/clips/train --workers 2', ),
    'benchmark': ('vimpnet --size 5x256x256 --runs 7',
                  '--all --output speed/'),
    'check-data': ('configs/derainers/ViMPNet/ViMPNet.py', ),
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
    'evaluate': ('restored/ clean/ --protocol vrds', ),
    'export': ('aligned_median streaks.onnx', ),
    'models': ('', ),
    'render-clips': ('data/clips --train 4800 --val 300', ),
    'render-lens-clips': ('data/lens_clips --clips 4000', ),
    'serve': ('', '--port 9000 --max-seconds 30'),
    'ship-weights': ('work_dirs/mine/iter_4000.pth mine --folder shipped/', ),
    'synthesize': ('clean_videos/ data/rain --preset heavy', ),
    'test': ('configs/derainers/ViMPNet/ViMPNet_small.py vimpnet.pth '
             '--out metrics.json', ),
    'train': ('configs/derainers/ViMPNet/ViMPNet_small.py --work-dir work',
              'configs/derainers/ViMPNet/ViMPNet_small.py --work-dir work '
              '--resume'),
    'write-masks': ('data/raindrop --picture masks.png', ),
}


class CommandParser(argparse.ArgumentParser):
    """Of a command that has examples.

    Args:
        prog: ``mmderain COMMAND``.
        epilog: Shown after the examples, as it is.
        **settings: As for the base class.
    """

    def __init__(self, prog: str, epilog: str | None = None,
                 **settings) -> None:
        lines = (f'  {prog} {words}'.rstrip()
                 for words in EXAMPLES[prog.partition(' ')[2]])
        parts = ['\n'.join(('examples:', *lines)), epilog,
                 'what the exit status means: mmderain --help']
        super().__init__(prog, epilog='\n\n'.join(filter(None, parts)),
                         formatter_class=_Formatter, **settings)

    def parse_args(self, args: Sequence[str] | None = None,
                   namespace: argparse.Namespace | None = None
                   ) -> argparse.Namespace:
        """Read arguments; other programs' spellings of ours are named.

        FFmpeg has one dash, and underscores; ``-output`` would be ``-o`` with
        the value ``utput``.
        """
        args = sys.argv[1:] if args is None else list(args)
        for word in takewhile(lambda word: word != '--', args):
            name = word.partition('=')[0]
            wanted = f'--{name.lstrip("-").replace("_", "-")}'
            if (name.startswith('-') and name != wanted
                    and wanted in self._option_string_actions
                    and name not in self._option_string_actions):
                self.error(f'{name}: expected {wanted}')
        return super().parse_args(args, namespace)


class _Formatter(argparse.HelpFormatter):
    """Leaves texts of several lines as they are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if '\n' in text:
            return text
        return super()._fill_text(text, width, indent)
