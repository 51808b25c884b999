"""Packaging. It imports neither torch nor the package itself."""

import os
import re
import shutil
import sys
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).resolve().parent
# What `mim` looks for inside an installed package.
MIM_ITEMS = ('tools', 'configs', 'model-index.yml')


def version() -> str:
    text = (ROOT / 'mmderain' / 'version.py').read_text()
    return re.search(r"__version__ = '(.+)'", text).group(1)


def requirements(name: str) -> list:
    lines = (ROOT / 'requirements' / f'{name}.txt').read_text().splitlines()
    return [line for line in lines if line and not line.startswith('#')]


def add_mim_folder() -> None:
    """Put the tools, configs and model index into ``mmderain/.mim``.

    Links for an editable install, copies for a wheel or source archive. pip's
    editable installs run `editable_wheel`, older ones `develop`.
    """
    if {'develop', 'editable_wheel'} & set(sys.argv):
        link = True
    elif {'sdist', 'bdist_wheel'} & set(sys.argv):
        link = False
    else:
        return
    folder = ROOT / 'mmderain' / '.mim'
    if not (ROOT / 'configs').is_dir():
        return  # an unpacked source archive, which holds the folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for item in MIM_ITEMS:
        source, target = ROOT / item, folder / item
        if link:
            target.symlink_to(os.path.relpath(source, folder))
        elif source.is_dir():
            shutil.copytree(source, target,
                            ignore=shutil.ignore_patterns('__pycache__'))
        else:
            shutil.copy2(source, target)


TRAIN = requirements('train') + requirements('mminstall')
add_mim_folder()
setup(
    name='mmderain',
    version=version(),
    description='Rain removal from video and images, a plug-in of MMagic',
    long_description=(ROOT / 'README.md').read_text(encoding='utf-8'),
    long_description_content_type='text/markdown',
    license='Apache-2.0',
    packages=find_packages(include=['mmderain', 'mmderain.*']),
    package_data={'mmderain': [
        'models/eevrsr/releases.json', 'serve/page/*',
        'weights/*.pth', 'weights/*.safetensors', 'weights/*.onnx',
        'weights/*.md',
        '.mim/model-index.yml', '.mim/configs/**/*', '.mim/tools/**/*']},
    python_requires='>=3.11,<3.13',
    install_requires=requirements('runtime'),
    extras_require={
        **{name: requirements(name)
           for name in ('mminstall', 'optional', 'mim')},
        'train': TRAIN,
        'completion': requirements('completion'),
        'serve': requirements('serve'),
        'export': TRAIN + requirements('export'),
        'ray': requirements('ray'),
        'tests': (TRAIN + requirements('export') + requirements('optional')
                  + requirements('completion') + requirements('serve')
                  + requirements('tests'))},
    entry_points={'console_scripts': ['mmderain = mmderain.cli.main:main']},
)
