#!/usr/bin/env bash
# Make .venv with everything in it; called by `make setup`.
# From the environment: PYTHON, TORCH, TORCHVISION and TORCH_INDEX, the index
# that has them (docs/install.md).
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
    echo "mmderain needs Python 3.11 or 3.12 with venv: $1" >&2
    exit 1
}

version_fits='import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))'
if [ -n "${PYTHON:-}" ]; then
    command -v "$PYTHON" >/dev/null || fail "there is no PYTHON=$PYTHON."
else
    for candidate in python3.11 python3.12 python3 python; do
        if "$candidate" -c "$version_fits" 2>/dev/null; then
            PYTHON=$candidate
            break
        fi
    done
    [ -n "${PYTHON:-}" ] || fail "none was found$(
        command -v python3 >/dev/null && echo " (python3 is $(
            python3 -c 'import platform; print(platform.python_version())'))"
        ). Install one, or name it: make setup PYTHON=/path/to/python3.11"
fi
"$PYTHON" -c "$version_fits" || fail "$PYTHON is $("$PYTHON" -V 2>&1).
Name another one: make setup PYTHON=/path/to/python3.11"
"$PYTHON" -c 'import venv, ensurepip' 2>/dev/null || fail "$PYTHON has no venv.
On Debian and Ubuntu: apt-get install python3-venv"

# What is installed already is said by the stamp.
stamp=.venv/.mmderain
wanted="torch==$TORCH torchvision==$TORCHVISION ${TORCH_INDEX:-} $(
    cat requirements/*.txt setup.py | cksum)"
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
    exit 0
fi
# With CUDA the packages are 7.5 GB; before they are unpacked here, 4 GB of
# wheels are fetched into the temporary folder.
if [ -z "${TORCH_INDEX:-}" ] && [ ! -x .venv/bin/python ]; then
    # device, size, used, free, share, place
    here=($(df -Pk . | tail -n 1)) temporary=($(df -Pk "${TMPDIR:-/tmp}" |
        tail -n 1))
    needed=8 free=$((${here[3]} / 1000000))
    [ "$here" != "$temporary" ] || needed=12
    if [ "$free" -lt "$needed" ]; then
        echo "The packages need $needed GB of disk, and $free GB are free" \
            "in $PWD. Make room, or install PyTorch without CUDA:" \
            "docs/install.md." >&2
        exit 1
    fi
fi
echo "Installing into .venv (about 3 minutes, 7 GB): PyTorch $TORCH and the" \
    "OpenMMLab stack"
rm -f "$stamp"
[ -x .venv/bin/python ] || "$PYTHON" -m venv .venv
pip() {
    .venv/bin/python -m pip --disable-pip-version-check "$@"
}
quietly() {
    sed -u -n 's/^\(Collecting\|Installing collected packages\|Successfully installed\) *\([^ ]*\).*/  \1 \2/p'
}
# without CUDA, for example; the other packages are not there
if [ -n "${TORCH_INDEX:-}" ]; then
    pip install --progress-bar off --index-url "$TORCH_INDEX" \
        "torch==$TORCH" "torchvision==$TORCHVISION" | quietly
fi
pip install --progress-bar off -c requirements/constraints.txt \
    "torch==$TORCH" "torchvision==$TORCHVISION" -r requirements/runtime.txt \
    -r requirements/train.txt -r requirements/mminstall.txt \
    -r requirements/tests.txt -r requirements/serve.txt \
    -r requirements/optional.txt -r requirements/export.txt wheel |
    quietly
# Four OpenCV wheels come in by different ways and share one folder; the last
# one wins. This one needs neither libGL nor Qt, which a server does not have.
opencv=$(grep '^opencv-contrib-python-headless==' requirements/constraints.txt)
pip install --quiet --force-reinstall --no-deps "$opencv"
pip install --quiet --no-deps --no-build-isolation -e .
.venv/bin/python -W ignore -c '
from mmderain.compat import idle_gpu_message
message = idle_gpu_message()
if message:
    print(f"WARNING: {message}")'
echo "$wanted" > "$stamp"
echo 'Done. For a shell with it: source .venv/bin/activate'
