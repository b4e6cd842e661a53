"""Lets staff in with their Discord account, and the owner with a link that the command line prints.

Consumes: nothing.  Owns: the pages ``/sign-in``, ``/signed-in`` and ``/sign-out`` with those below them; what
a session's member may do by now (``Sessions.recheck``); the table ``login_links``.
Settings: website.public-url, website.sign-in, staff.roles, discord.
"""

from bridge.features.sign_in.feature import SignIn

__all__ = ["SignIn"]
