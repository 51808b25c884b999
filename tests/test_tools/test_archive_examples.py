"""The examples for SLURM and Kubernetes: all of a list, and nothing twice."""

import os
import shutil
import subprocess
import sys

import pytest
import yaml

from mmderain.cli.derain import build_parser
from mmderain.jobs.archive_list import find_entries
from tests.tiny import ROOT

SCRIPT = ROOT / 'tools' / 'archive_slurm.sh'
JOB = ROOT / 'tools' / 'archive_kubernetes.yaml'


@pytest.fixture
def arguments(tmp_path):
    """Runs a command; what mmderain was given, and its threads."""
    programs = tmp_path / 'bin'
    programs.mkdir()
    program = programs / 'mmderain'
    program.write_text(f'#!{sys.executable}\nimport os, sys\n'
                       'print(os.environ.get("OMP_NUM_THREADS"))\n'
                       'print("\\n".join(sys.argv[1:]))\n')
    program.chmod(0o755)

    def run(*command, **environment):
        done = subprocess.run(
            [*map(str, command)], capture_output=True, text=True, check=True,
            env=dict(PATH=f'{programs}{os.pathsep}{os.environ["PATH"]}',
                     **environment))
        threads, *words = done.stdout.splitlines()
        return threads, words
    return run


def sources(words, listed):
    """What a command would do, of the list."""
    args = build_parser().parse_args(words[1:])
    assert words[0] == 'derain'
    return [str(entry.source) for entry in find_entries(
        [], listed, ROOT / 'out', args.shard, lambda text: None)]


@pytest.fixture
def listed(tmp_path):
    (tmp_path / 'list.txt').write_text(''.join(
        f'in/{number}.mp4\n' for number in range(60)))
    return tmp_path / 'list.txt'


@pytest.mark.parametrize('first', [0, 1])
def test_the_tasks_of_an_array_do_all(arguments, listed, first):
    done = []
    for number in range(4):
        threads, words = arguments(
            SCRIPT, listed, 'out dir', '--model', 'fast',
            SLURM_ARRAY_TASK_ID=str(number + first),
            SLURM_ARRAY_TASK_MIN=str(first), SLURM_ARRAY_TASK_COUNT='4',
            SLURM_CPUS_PER_TASK='3')
        assert threads == '3'
        assert words == ['derain', '--list', str(listed), '--output-dir',
                         'out dir', '--shard', f'{number}/4', '--model',
                         'fast']
        done += sources(words, listed)
    assert sorted(done) == sorted(listed.read_text().split())


@pytest.mark.parametrize(('words', 'said'), [
    (['list.txt'], 'usage: sbatch'), (['list.txt', 'out'], 'sbatch.')])
def test_what_the_script_is_not_given_is_said(words, said):
    done = subprocess.run([str(SCRIPT), *words], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 2 and said in done.stderr


def test_what_sbatch_reads():
    text = SCRIPT.read_text()
    assert text.startswith('#!') and '#SBATCH --array=0-15' in text
    if shutil.which('shellcheck'):
        subprocess.run(['shellcheck', str(SCRIPT)], check=True)


def test_the_indexes_of_a_job_do_all(arguments, listed):
    job = yaml.safe_load(JOB.read_text())
    assert (job['kind'], job['spec']['completionMode']) == ('Job', 'Indexed')
    pod = job['spec']['template']['spec']
    container, = pod['containers']
    said = {item['name']: item['value'] for item in container['env']}
    assert said['SHARDS'] == str(job['spec']['completions'])
    mounts = {item['mountPath']: item['name']
              for item in container['volumeMounts']}
    assert set(mounts.values()) == {item['name'] for item in pod['volumes']}
    done = []
    for index in range(job['spec']['completions']):
        threads, words = arguments(
            *container['command'], *container['args'],
            JOB_COMPLETION_INDEX=str(index), **said)
        assert threads == said['OMP_NUM_THREADS']
        args = build_parser().parse_args(words[1:])
        # what it reads and writes is in what is mounted, or in a store
        assert str(args.list.parent) in mounts
        assert str(args.stage_dir) in mounts
        done += sources(words, listed)
    assert sorted(done) == sorted(listed.read_text().split())
