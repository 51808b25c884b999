"""What is installed: what is missing, and what does not work together."""

import importlib.metadata
from collections.abc import Iterable
from importlib.util import find_spec

from mmderain.errors import PackagesError

# module -> the package with it that pip knows, and the extra that brings it
_BROUGHT = {
    'torch': ('torch', 'train'), 'torchvision': ('torchvision', 'train'),
    'mmengine': ('mmengine', 'train'), 'mmcv': ('mmcv-lite', 'train'),
    'mmagic': ('mmagic', 'train'), 'skimage': ('scikit-image', 'train'),
    'google': ('protobuf', 'train'), 'PIL': ('pillow', 'train'),
    'safetensors': ('safetensors', 'train'),
    'matplotlib': ('matplotlib', 'train'), 'onnx': ('onnx', 'export'),
    'onnxscript': ('onnxscript', 'export'), 'lpips': ('lpips', 'optional'),
    'shtab': ('shtab', 'completion'), 'starlette': ('starlette', 'serve'),
    'uvicorn': ('uvicorn', 'serve'),
    'ray': ('ray', 'ray'), 'fsspec': ('fsspec', 'ray'),
}
# which have no file of their own
_OF_MANY = ('google', )
# what needs one of these needs all of them in the end
_TOGETHER = ('torch', 'torchvision', 'mmengine', 'mmcv', 'mmagic')

# package -> (versions that work, the one that is tested). The reasons:
# mmengine < 0.10.6 registers Adafactor twice (mmengine #1609); mmagic 1.2
# asserts mmcv < 2.2 (mmagic #1756) and takes names out of diffusers that moved
# (mmagic #2110), while those diffusers need `cached_download` of old
# huggingface_hub and transformers that still use it; torch < 2.6 lacks a safe
# loader of checkpoints.
VERSION_WINDOWS = {
    'torch': ('>=2.6', '2.15.0'),
    'mmengine': ('>=0.10.6,<0.11', '0.10.7'),
    'mmcv': ('>=2.0.0,<2.2.0', '2.1.0'),
    'mmagic': ('>=1.2.0,<1.3', '1.2.0'),
    'diffusers': ('>=0.23.1,<0.29,!=0.25.*,!=0.26.*,!=0.27.*', '0.24.0'),
    'transformers': ('>=4.27.4,<=4.46.3', '4.35.2'),
    'huggingface_hub': ('<0.26', '0.25.2'),
}

# mmcv is published under these names; the last one is the series 1.x.
_MMCV_NAMES = ('mmcv', 'mmcv-lite', 'mmcv-full')


def is_there(module: str) -> bool:
    """Whether a module can be found; it is not imported."""
    try:
        found = find_spec(module)
    except ImportError:
        return False
    # a folder of that name, where one happens to be, is no package
    return found is not None and (
        found.origin is not None or module in _OF_MANY)


def require_packages(modules: Iterable[str]) -> None:
    """Refuse work whose packages are not installed.

    Args:
        modules: Names of what it imports.

    Raises:
        PackagesError: Names what is missing and the extras that bring it.
    """
    needed = list(modules)
    if any(_BROUGHT.get(name, ('', ''))[1] == 'train' for name in needed):
        needed = list(dict.fromkeys([*_TOGETHER, *needed]))
    missing = [_BROUGHT.get(name, (name, '')) for name in needed
               if not is_there(name)]
    if not missing:
        return
    extras = ','.join(sorted({extra for _, extra in missing if extra}))
    wanted = f'mmderain[{extras}]' if extras else missing[0][0]
    raise PackagesError(
        f'{", ".join(name for name, _ in missing)} '
        f'{"is" if len(missing) == 1 else "are"} needed for this and not '
        f"installed. Install what is missing: pip install '{wanted}'")


def installed_version(package: str) -> tuple[str, str | None]:
    """The name under which ``package`` is installed, and its version."""
    for name in _MMCV_NAMES if package == 'mmcv' else (package, ):
        try:
            return name, importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return package, None


def check_versions() -> None:
    """Refuse a set of packages that is known not to work together.

    Why: the errors of a broken set ("cannot import name cached_download",
    "Failed to import diffusers.pipelines") do not name the package at fault.
    Can go when MMagic follows its dependencies again.

    Raises:
        PackagesError: Names each package, the version found, the window and
            one pip line that fixes all of them.
    """
    from packaging.specifiers import SpecifierSet

    found, fix = [], []
    for package, (window, tested) in VERSION_WINDOWS.items():
        name, version = installed_version(package)
        fits = version is not None and SpecifierSet(window).contains(
            version, prereleases=True)
        if fits and name != 'mmcv-full':
            continue
        found.append(f'  {name} {version or "is not installed"}, '
                     f'mmderain needs {package} {window}')
        # A fresh install takes mmcv-lite, which has a wheel; compiled mmcv
        # is kept where it is.
        target = 'mmcv-lite' if package == 'mmcv' and (
            name != 'mmcv' or version is None) else package
        fix.append(f'{target}=={tested}')
    if found:
        raise PackagesError(
            'mmderain cannot work with the installed packages:\n' +
            '\n'.join(found) + '\nTo fix it:\n  pip install ' +
            ' '.join(f"'{item}'" for item in fix) +
            '\n(or everything at once: pip install -c '
            'requirements/constraints.txt -r requirements/mminstall.txt)')
