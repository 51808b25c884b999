"""Render rain over clean frames: see ``--help`` and docs/synthesis.md."""

from mmderain.cli.synthesize import main

raise SystemExit(main())
