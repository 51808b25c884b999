# PyTorch and its partner; docs/install.md says which pair fits which driver.
TORCH ?= 2.15.0
TORCHVISION ?= 0.29.2
TORCH_INDEX ?=
PYTHON ?=

.PHONY: setup demo test test-slow test-install lint release clean

setup:
	@TORCH=$(TORCH) TORCHVISION=$(TORCHVISION) \
		TORCH_INDEX=$(TORCH_INDEX) PYTHON=$(PYTHON) bash tools/setup.sh

demo: setup
	@tools/python.sh tools/demo.py

# a process for each of up to four cores; each takes whole files
test: setup lint
	@.venv/bin/python -m pytest -n auto --maxprocesses 4 --dist loadfile

# official sizes; minutes
test-slow: setup
	@.venv/bin/python -m pytest -m slow

# the wheel in an environment of its own; fetches packages
test-install: setup
	@.venv/bin/python -m pytest -m install tests/install

lint: setup
	@.venv/bin/ruff check .

# wheel and source archive in dist/, of what is committed; nothing is published
release: setup
	@tools/python.sh tools/release.py

clean:
	rm -rf .venv build dist *.egg-info mmderain/.mim
