"""The command line: ``passerelle run | demo | check | doctor | explain-line | login-link | version``.

The only room that prints.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from bridge.cli.lean import become_lean


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return the process's exit code."""
    if argv is None and sys.argv[1:2] == ["run"]:
        become_lean(sys.argv[1:])
    from bridge.cli.commands import run_command  # noqa: PLC0415 - nothing that would be loaded in vain

    return run_command(argv)
