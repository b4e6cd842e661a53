"""Tells other programs what happens, each event as one signed message, in order.

Consumes: the kinds that each hook names.  Owns: one reader for each hook (``hooks:out:NAME``), the table
``set_aside``.
Settings: hooks.out, privacy.
"""

from bridge.features.hooks_out.delivery import HookState
from bridge.features.hooks_out.feature import HooksOut

__all__ = ["HookState", "HooksOut"]
