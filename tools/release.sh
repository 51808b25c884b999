#!/usr/bin/env bash
# Build wheel and source archive of what is committed into dist/, and say what
# they are; see `make release`. It publishes nothing.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-$root/.venv/bin/python}
cd "$root"
if [ -n "$(git status --porcelain --untracked-files=no)" ]; then
    echo 'error: there are changes that are not committed, and a release is' \
        'of what is. Commit or stash them.' >&2
    exit 1
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
git clone --quiet "$root" "$scratch/checkout"
for kind in sdist bdist_wheel; do
    (cd "$scratch/checkout" && "$python" -W ignore setup.py -q "$kind" \
        --dist-dir "$scratch/built") >"$scratch/log" 2>&1 || {
        echo "error: $kind failed:" >&2
        cat "$scratch/log" >&2
        exit 1
    }
done
mkdir -p dist
cp "$scratch"/built/* dist/
for file in "$scratch"/built/*; do
    sha256sum "dist/$(basename "$file")"
done
version=$(sed -n "s/^__version__ = '\(.*\)'/\1/p" mmderain/version.py)
echo "mmderain $version, commit $(git rev-parse --short HEAD)." \
    'Try it: make test-install. Nothing was published.'
if grep -q "^## $version, unreleased" CHANGELOG.md; then
    echo "CHANGELOG.md calls $version unreleased: put the date there."
fi
