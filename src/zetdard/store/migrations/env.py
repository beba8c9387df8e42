"""Alembic's entry point: runs the migrations over the connection that the store hands in."""

from __future__ import annotations

from alembic import context

from zetdard.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite changes a table by copying it.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
