"""Takes what other programs tell the bridge at ``POST /hooks/NAME``, and does what the settings make of it.

Consumes: hook.received, for the console commands.  Appends: hook.received and announcement.made, together.
Owns: one reader for each server that hooks run commands on (``hooks:console:NAME``), the sources
``hook:NAME``, the table ``hook_signatures``.
Settings: hooks.in, hooks.commands, website.trusted-proxies, privacy.hidden-players.
"""

from bridge.features.hooks_in.feature import HooksIn

__all__ = ["HooksIn"]
