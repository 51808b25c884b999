"""Render clips to train on: see ``--help`` and docs/synthesis.md."""

from mmderain.cli.render_clips import main

if __name__ == '__main__':  # the processes it starts import this file
    raise SystemExit(main())
