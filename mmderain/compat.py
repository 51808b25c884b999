"""Every quirk of a third-party package, one function each.

Each function says why it exists, where the quirk is known and when it can go.
None of them changes anything where the quirk is absent. Which import needs
which is said in ``mmderain/__init__.py``.
"""

import atexit
import contextlib
import gc
import importlib.util
import os
import shutil
import subprocess
import sys
import types
import warnings
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

# torch, torchvision, CUDA build, oldest NVIDIA driver series
TORCH_PAIRS = (
    ('2.15.0', '0.29.2', '13.2', 580),
    ('2.8.0', '0.23.0', '12.8', 525),
)


def provide_numpy_bool8() -> None:
    """Give NumPy 2 back the alias ``bool8``.

    Why: ``mmagic/utils/trans_utils.py`` uses it at import; NumPy 2.0 removed
    it (numpy.org/doc/stable/release/2.0.0-notes.html). It is the only thing in
    MMagic and MMEngine that NumPy 2 breaks. Can go when MMagic drops it.
    """
    import numpy as np
    if not hasattr(np, 'bool8'):
        np.bool8 = np.bool_


class _MissingExtension(types.ModuleType):
    """Stands for ``mmcv._ext`` while ``mmcv.ops`` is imported."""

    def __getattr__(self, name: str):
        if name.startswith('__'):
            raise AttributeError(name)

        def missing(*args, **kwargs):
            raise RuntimeError(
                f'{name} is a compiled operator of mmcv, and mmcv-lite has '
                'none. Nothing of mmderain needs it; for MMagic models that '
                'do, build mmcv 2.1.0 (pip install mmcv==2.1.0).')

        return missing


@contextlib.contextmanager
def without_compiled_operators() -> Iterator[None]:
    """Let ``mmcv.ops`` be imported where mmcv has no compiled operators.

    Why: MMagic imports ``mmcv.ops`` at its top level, which asks for
    ``mmcv._ext``; mmcv-lite, the build with a wheel, does not have it (mmcv
    #2059). Once ``mmcv.ops`` is imported nobody looks for the module again, so
    the placeholder is taken away: MMEngine's ``mmcv_full_available`` would
    stumble over it, and its true answer is "no". Can go when MMagic imports
    the operators where it uses them.
    """
    name = 'mmcv._ext'
    if importlib.util.find_spec(name):
        yield
        return
    placeholder = _MissingExtension(name)
    sys.modules[name] = placeholder
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            yield
    finally:
        del sys.modules[name]
        # the import system also binds it as an attribute of its parent
        if getattr(sys.modules.get('mmcv'), '_ext', None) is placeholder:
            del sys.modules['mmcv']._ext


def hide_notices_to_developers() -> None:
    """Do not show what other packages are told to change in their code.

    Why: on today's PyTorch, importing MMagic prints pages of FutureWarning
    about ``torch.utils._pytree`` in transformers and diffusers, which users
    can do nothing about. Whoever asks Python for warnings (``-W``) gets them.
    Can go when MMagic follows its dependencies again.
    """
    if not sys.warnoptions:
        warnings.filterwarnings(
            'ignore', category=FutureWarning,
            module=r'(diffusers|transformers|mmagic|mmcv|mmengine)\b')


def prepare_for_mmagic() -> None:
    """What has to happen before MMagic is imported."""
    provide_numpy_bool8()
    hide_notices_to_developers()


def init_cpu_process_group() -> None:
    """Start torch.distributed on gloo where there is no GPU.

    Why: MMEngine's ``init_dist`` calls ``torch.cuda.set_device`` before
    anything else. A group that exists already is used as it is. Can go when
    MMEngine asks ``is_cuda_available`` there.

    The group is ended before Python is, and what is left of models that hold
    it: a process that leaves with gloo's threads at work is now and then
    aborted, after all its work was done (PyTorch's pull request 179291; one
    of 25 runs of two processes, none of 80 without such models).
    """
    import torch
    from torch import distributed
    if not torch.cuda.is_available() and not distributed.is_initialized():
        # One process may test a long sequence while the others wait.
        distributed.init_process_group('gloo', timeout=timedelta(days=1))
        atexit.register(_end_process_group)


def _end_process_group() -> None:
    from torch import distributed
    if distributed.is_initialized():
        gc.collect()
        distributed.destroy_process_group()


def export_slurm_ranks() -> None:
    """Tell torch.distributed what SLURM knows, on nodes without a GPU.

    Why: MMEngine's SLURM launcher asks for GPUs before it reads the ranks.
    Can go together with :func:`init_cpu_process_group`.
    """
    import torch
    if torch.cuda.is_available():
        return
    names = {'RANK': 'SLURM_PROCID', 'LOCAL_RANK': 'SLURM_LOCALID',
             'WORLD_SIZE': 'SLURM_NTASKS'}
    for ours, theirs in names.items():
        os.environ[ours] = os.environ[theirs]
    os.environ.setdefault('MASTER_PORT', '29500')
    if 'MASTER_ADDR' not in os.environ:
        nodes = subprocess.run(
            ['scontrol', 'show', 'hostname', os.environ['SLURM_NODELIST']],
            capture_output=True, text=True, check=True)
        os.environ['MASTER_ADDR'] = nodes.stdout.split()[0]


def idle_gpu_message() -> str | None:
    """What to do about a GPU that the installed PyTorch cannot use.

    Why: a PyTorch build newer than the driver answers "no GPU" and everything
    silently runs on the processor.

    Returns:
        str | None: The message, or None where no GPU is idle: there is none,
        it is in use, or CUDA_VISIBLE_DEVICES hides it on purpose.
    """
    import torch
    hidden = os.environ.get('CUDA_VISIBLE_DEVICES')
    smi = shutil.which('nvidia-smi')
    if hidden in ('', '-1') or smi is None or torch.cuda.is_available():
        return None
    query = subprocess.run(
        [smi, '--query-gpu=name,driver_version', '--format=csv,noheader'],
        capture_output=True, text=True, check=False)
    if query.returncode != 0 or ',' not in query.stdout:
        return None
    gpu, driver = query.stdout.splitlines()[0].rsplit(',', 1)
    driver = driver.strip()
    series = driver.split('.')[0]
    fitting = [pair for pair in TORCH_PAIRS
               if series.isdigit() and int(series) >= pair[3]]
    text = (f'This machine has a GPU ({gpu}, driver {driver}) that PyTorch '
            f'{torch.__version__} (CUDA {torch.version.cuda}) cannot use')
    if not fitting:
        oldest = TORCH_PAIRS[-1]
        return (f'{text}. Update the driver to the {oldest[3]} series or '
                f'newer, then: make setup TORCH={oldest[0]} '
                f'TORCHVISION={oldest[1]}')
    torch_version, vision_version = fitting[0][:2]
    if torch.__version__.split('+')[0] == torch_version:
        return (f'{text}, though the driver is new enough. See what '
                'python -c "import torch; torch.cuda.init()" says.')
    return (f'{text}. Install the pair for this driver: make setup '
            f'TORCH={torch_version} TORCHVISION={vision_version}')


@contextlib.contextmanager
def keep_scheduling() -> Iterator[None]:
    """Undo what SVT-AV1 does to the scheduling of a process.

    Run by root, as in many containers, it makes every thread of the process
    a real-time one of the highest priority, that of Python included, and
    leaves them so: busy threads then starve everything else on the machine,
    and child processes inherit it (seen with SVT-AV1 4.1 in the wheel of PyAV
    18.1). Can go once it no longer does.
    """
    if not hasattr(os, 'sched_getscheduler'):  # not Linux
        yield
        return
    before = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        for thread in map(int, os.listdir('/proc/self/task')):
            # a thread may end meanwhile
            with contextlib.suppress(ProcessLookupError):
                if os.sched_getscheduler(thread) != before[0]:
                    os.sched_setscheduler(thread, *before)


def has_bfloat16(device: Any) -> bool:
    """Whether the hardware of a device computes in bfloat16.

    Why: everything computes in it, but where the hardware does not, PyTorch
    converts back and forth and is slower than in float32. What it knows of a
    processor it says by private names only.

    Args:
        device: A ``torch.device``.
    """
    import torch
    if device.type == 'cuda':
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return device.type == 'cpu' and any(
        getattr(torch.cpu, name, lambda: False)()
        for name in ('_is_avx512_bf16_supported', '_is_amx_tile_supported'))
