"""Alembic runs this file; the connection comes from :mod:`bridge.store.migrate`."""

from __future__ import annotations

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    transactional_ddl=True,  # Alembic believes that SQLite cannot; with our own BEGIN it can
    transaction_per_migration=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
