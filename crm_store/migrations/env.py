"""Run by Alembic: migrations use the connection that `crm_store.database.migrate` hands over."""

from alembic import context

from crm_store.tables import Base


def run() -> None:
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=Base.metadata,
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
