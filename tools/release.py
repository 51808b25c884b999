"""Build the release, of what is committed, into dist/; see ``make release``.

It publishes nothing.
"""

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main(target: Path = ROOT / 'dist') -> None:
    """Build wheel and source archive, and say what they are."""
    if git('status', '--porcelain', '--untracked-files=no'):
        sys.exit('error: there are changes that are not committed, and a '
                 'release is of what is. Commit or stash them.')
    version = re.search(r"__version__ = '(.+)'", (
        ROOT / 'mmderain' / 'version.py').read_text())[1]
    with tempfile.TemporaryDirectory() as folder:
        checkout, built = Path(folder) / 'checkout', Path(folder) / 'built'
        git('clone', '--quiet', str(ROOT), str(checkout))
        for kind in ('sdist', 'bdist_wheel'):
            done = subprocess.run(
                [sys.executable, '-W', 'ignore', 'setup.py', '-q', kind,
                 '--dist-dir', str(built)], cwd=checkout, check=False,
                capture_output=True, text=True)
            if done.returncode:
                sys.exit(f'error: {kind} failed:\n{done.stderr}')
        target.mkdir(exist_ok=True)
        for file in sorted(built.iterdir()):
            shutil.copy2(file, target / file.name)
            print(f'{hashlib.sha256(file.read_bytes()).hexdigest()}  '
                  f'{target / file.name}')
    print(f'mmderain {version}, commit {git("rev-parse", "--short", "HEAD")}. '
          'Try it: make test-install. Nothing was published.')
    if f'## {version}, unreleased' in (ROOT / 'CHANGELOG.md').read_text():
        print(f'CHANGELOG.md calls {version} unreleased: put the date there.')


def git(*words: str) -> str:
    """What git answers, in the checkout."""
    done = subprocess.run(['git', *words], cwd=ROOT, capture_output=True,
                          text=True, check=False)
    if done.returncode:
        sys.exit(f'error: git {words[0]} failed, {ROOT} has to be a checkout: '
                 f'{done.stderr.strip()}')
    return done.stdout.strip()


if __name__ == '__main__':
    main()
