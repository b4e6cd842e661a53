"""``python -m bridge.simulator discord|game …``: a pretend outside as a process of its own."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Final

_PARTS: Final = ("discord", "game")


def main(argv: list[str]) -> int:
    """Run the named part with the rest of the arguments and return its exit code."""
    if not argv or argv[0] not in _PARTS:
        sys.stderr.write(f"usage: python -m bridge.simulator {'|'.join(_PARTS)} [--help]\n")
        return 2
    part = import_module(f"bridge.simulator.{argv[0]}")  # only the wanted one: it starts faster
    code: int = part.main(argv[1:])
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
