"""Runs the migrations on the connection the replica hands over; there is no other way in."""

from alembic import context

from gateway.replica.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
