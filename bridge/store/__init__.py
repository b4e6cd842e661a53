"""The database: what readers have derived, and how far they have read."""

from bridge.store.engine import Store, database_file
from bridge.store.errors import (
    StoreBusy,
    StoreClosed,
    StoreCorrupt,
    StoreError,
    StoreFull,
    StoreTooNew,
)
from bridge.store.schema import migrate_here, migrate_in_child

__all__ = [
    "Store",
    "StoreBusy",
    "StoreClosed",
    "StoreCorrupt",
    "StoreError",
    "StoreFull",
    "StoreTooNew",
    "database_file",
    "migrate_here",
    "migrate_in_child",
]
