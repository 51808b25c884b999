"""The tests of workers of Ray, where Ray is installed: beside what is here.

It fetches packages; ``make test-install`` runs it, the other tests do not.
"""

import os
import subprocess
import sys
import sysconfig

import pytest

from tests.tiny import ROOT

pytestmark = pytest.mark.install


def test_workers_of_ray_and_an_object_store(tmp_path):
    venv = tmp_path / 'venv'
    subprocess.run([sys.executable, '-m', 'venv', venv], check=True)
    own, = venv.glob('lib/python*/site-packages')
    (own / 'beside.pth').write_text(sysconfig.get_path('purelib'))
    subprocess.run(
        [venv / 'bin' / 'pip', 'install', '-q', '-r',
         ROOT / 'requirements' / 'ray.txt', 's3fs', 'moto[server]'],
        check=True)
    done = subprocess.run(
        [venv / 'bin' / 'python', '-m', 'pytest', '-p', 'no:cacheprovider',
         'tests/test_fleet'], cwd=ROOT, capture_output=True, text=True,
        check=False, env={**os.environ, 'PYTHONPATH': str(ROOT)})
    assert done.returncode == 0, done.stdout[-5000:]
    assert 'skipped' not in done.stdout
