"""Alembic's door to the migrations: runs them on the connection that `app.history.database` hands over."""

from alembic import context

from app.history.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
context.run_migrations()
