"""Packages that are missing, or do not work together."""

import importlib.metadata
import subprocess
import sys

import pytest

from mmderain import packages
from mmderain.cli import serve
from mmderain.cli.common import run
from mmderain.errors import PackagesError, UserError
from tests.helpers.lean import hidden


@pytest.fixture
def versions(monkeypatch):
    """Pretend that other versions are installed; None is not installed."""
    pretended = {}

    def version(name):
        found = pretended.get(name, real(name) if name not in pretended
                              else None)
        if found is None:
            raise importlib.metadata.PackageNotFoundError(name)
        return found

    real = importlib.metadata.version
    monkeypatch.setattr(importlib.metadata, 'version', version)
    return pretended


def test_the_installed_set_is_accepted():
    packages.check_versions()


@pytest.mark.parametrize(('package', 'version', 'window', 'pip'), [
    ('diffusers', '0.26.0', '!=0.26.*', "'diffusers==0.24.0'"),
    ('diffusers', None, 'is not installed', "'diffusers==0.24.0'"),
    ('huggingface_hub', '0.30.1', '<0.26', "'huggingface_hub==0.25.2'"),
    ('mmengine', '0.10.5', '>=0.10.6', "'mmengine==0.10.7'"),
    ('torch', '2.5.1+cu124', '>=2.6', "'torch==2.15.0'")])
def test_a_broken_set_names_package_version_window_and_pip_line(
        versions, package, version, window, pip):
    versions[package] = version
    with pytest.raises(ImportError) as error:
        packages.check_versions()
    assert isinstance(error.value, UserError)  # no traceback in a command
    for text in (package, version or 'not installed', window,
                 'pip install ' + pip):
        assert text in str(error.value)


def test_a_folder_of_that_name_is_no_package(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / 'rain_engine').mkdir()
    assert not packages.is_there('rain_engine')
    (tmp_path / 'rain_engine' / '__init__.py').write_text('')
    assert packages.is_there('rain_engine')
    assert packages.is_there('google')


def test_the_versions_are_checked_before_mmengine_is_imported():
    code = '''
import importlib.metadata
real = importlib.metadata.version
importlib.metadata.version = lambda name: (
    '0.10.5' if name == 'mmengine' else real(name))
import mmderain
import mmengine
'''
    done = subprocess.run([sys.executable, '-c', code], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 1
    assert 'PackagesError: mmderain cannot work' in done.stderr
    assert "pip install 'mmengine==0.10.7'" in done.stderr


def test_a_command_names_a_package_that_is_missing(versions, capsys):
    def command():
        raise ModuleNotFoundError("No module named 'mmengine'")

    with pytest.raises(ModuleNotFoundError):
        run(command)  # the fault of something else
    assert 'No module named' in capsys.readouterr().err
    versions['mmengine'] = None
    assert run(command) == 2
    said = capsys.readouterr().err
    assert said.startswith('error: mmderain cannot work')
    assert 'mmengine is not installed' in said


def test_compiled_mmcv_is_accepted_and_kept(versions):
    versions.update({'mmcv': '2.1.0', 'mmcv-lite': None})
    packages.check_versions()
    versions['mmcv'] = '2.2.0'
    with pytest.raises(ImportError, match="pip install 'mmcv==2.1.0'"):
        packages.check_versions()


def test_mmcv_full_is_told_to_be_the_old_name(versions):
    versions.update({'mmcv': None, 'mmcv-lite': None, 'mmcv-full': '1.7.2'})
    with pytest.raises(ImportError, match='mmcv-full 1.7.2.*\n.*\n.*'
                       "'mmcv-lite==2.1.0'"):
        packages.check_versions()


@pytest.mark.parametrize(('gone', 'asked', 'said'), [
    (('torch', 'torchvision', 'mmengine', 'mmcv', 'mmagic'), ['torch'],
     'torch, torchvision, mmengine, mmcv-lite, mmagic are needed for this and '
     "not installed. Install what is missing: pip install 'mmderain[train]'"),
    # what is there is not named
    (('mmagic', 'skimage'), ['skimage'], 'mmagic, scikit-image are needed'),
    (('torch', 'onnx'), ['torch', 'onnx'], "'mmderain[export,train]'"),
    (('lpips', ), ['lpips'], "lpips is needed for this and not installed. "
     "Install what is missing: pip install 'mmderain[optional]'"),
    (('nothing_of_ours', ), ['nothing_of_ours'],
     "pip install 'nothing_of_ours'")])
def test_what_is_missing_is_named_in_one_line(gone, asked, said):
    with hidden(*gone), pytest.raises(PackagesError) as error:
        packages.require_packages(asked)
    assert said in str(error.value) and '\n' not in str(error.value)


def test_a_command_of_an_extra_names_it(capsys):
    with hidden('starlette', 'uvicorn'):
        assert serve.main([]) == 2
    assert capsys.readouterr().err == (
        'error: starlette, uvicorn are needed for this and not installed. '
        "Install what is missing: pip install 'mmderain[serve]'\n")


def test_nothing_is_said_of_what_is_there():
    packages.require_packages(['torch', 'cv2', 'onnx'])


def test_a_command_that_imports_what_is_missing_says_so(capsys):
    def command():
        import lpips  # noqa: F401

    with hidden('lpips'):
        assert run(command) == 2
    assert capsys.readouterr().err == (
        'error: lpips is needed for this and not installed. Install what is '
        "missing: pip install 'mmderain[optional]'\n")
