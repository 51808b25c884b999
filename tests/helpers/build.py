"""Builds the package, of a copy of what git knows."""

import subprocess
import sys
from pathlib import Path

from tests.tiny import ROOT


def build(folder: Path) -> tuple[Path, Path]:
    """Wheel and source archive, in ``folder``."""
    checkout = folder / 'checkout'
    names = subprocess.run(
        ['git', 'ls-files', '-z', '--cached', '--others',
         '--exclude-standard'], cwd=ROOT, check=True, capture_output=True,
        text=True).stdout
    for name in filter(None, names.split('\0')):
        if (ROOT / name).is_file():
            target = checkout / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((ROOT / name).read_bytes())
    for kind in ('sdist', 'bdist_wheel'):
        run_setup(checkout, kind, folder)
    wheel, = folder.glob('*.whl')
    archive, = folder.glob('*.tar.gz')
    return wheel, archive


def run_setup(checkout: Path, kind: str, folder: Path) -> None:
    """What pip and others do, without fetching what they build with."""
    done = subprocess.run(
        [sys.executable, '-W', 'ignore', 'setup.py', '-q', kind,
         '--dist-dir', str(folder)], cwd=checkout, capture_output=True,
        text=True, check=False)
    assert done.returncode == 0, done.stderr
