"""Write docs/reliability.md: ``python -m tests.reliability.page``.

Each ``test_*.py`` of this folder has a list ``CASES``; its docstring is the
heading above their rows.
"""

import importlib
import os
import tempfile
from collections import Counter
from pathlib import Path

from tests.reliability.bad_input import answer, row

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / 'docs' / 'reliability.md'
_HEAD = '''# What happens to bad inputs

Made by `python -m tests.reliability.page`, which tries every line; the suite
tries them again, in the words below, and looks whether any file was changed
that should not be. "says" is the whole message, `/` where a line ends. {count}
bad inputs; exit status 2 is refused, 1 is "done, but for what is named", 0 is
done with a note ([table](video.md#exit-status)). `derain` is given a good
checkpoint where the command names none.
'''
_COLUMNS = ('| what is wrong | `mmderain ...` | says | exit |\n'
            '|---|---|---|---|')


def modules() -> list:
    """The modules that hold cases, by name."""
    return [importlib.import_module(f'tests.reliability.{path.stem}')
            for path in sorted(Path(__file__).parent.glob('test_*.py'))]


def main() -> None:
    """Try everything and write the page."""
    # loaded before the working directory is another one
    groups = modules()
    os.environ['COLUMNS'] = '80'
    parts, count = [], 0
    with tempfile.TemporaryDirectory() as name:
        good = Path(name) / 'good'
        good.mkdir()
        for module in groups:
            twice = [what for what, number in Counter(
                case.what for case in module.CASES).items() if number > 1]
            assert not twice, f'{module.__name__} has {twice} twice'
            rows = []
            for case in module.CASES:
                folder = Path(name) / f'case{count}'
                folder.mkdir()
                os.chdir(folder)
                rows.append(row(case, answer(case, good, folder)))
                count += 1
            heading = module.__doc__.strip().rstrip('.')
            parts.append(f'## {heading}\n\n{_COLUMNS}\n' + '\n'.join(rows))
        os.chdir(ROOT)
    PAGE.write_text('\n'.join([_HEAD.format(count=count),
                               '\n\n'.join(parts), '']), encoding='utf-8')
    print(f'{PAGE.relative_to(ROOT)}: {count} bad inputs')


if __name__ == '__main__':
    main()
