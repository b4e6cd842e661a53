"""Every sentence a person sees: ``<language>.yml`` for ours, ``game.<language>.yml`` for the game's own.

In ``<language>.yml`` each top-level key is a section, sorted, owned by the part of the bridge that speaks it.
A sentence is Discord-like markdown with ``{placeholders}``, or a pair ``{one: …, other: …}`` chosen by
``count``. Both languages have the same keys and placeholders; a test compares them. French is typed
with plain spaces and apostrophes, if you like: the loader sets it. Between backticks nothing is changed.
"""

from bridge.locales.catalogue import Catalogue
from bridge.locales.files import LANGUAGES, CatalogueError

__all__ = ["LANGUAGES", "Catalogue", "CatalogueError"]
