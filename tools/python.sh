#!/usr/bin/env bash
# The Python of the active environment, else that of `make setup`, with this
# checkout on its path.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
python=${PYTHON:-python}
if [ -z "${PYTHON:-}${VIRTUAL_ENV:-}" ] && [ -x "$root/.venv/bin/python" ]; then
    python=$root/.venv/bin/python
fi
# MMagic imports old diffusers, which warn about PyTorch's future at each start
export PYTHONWARNINGS=${PYTHONWARNINGS:-ignore::FutureWarning}
PYTHONPATH="$root${PYTHONPATH:+:$PYTHONPATH}" exec "$python" "$@"
