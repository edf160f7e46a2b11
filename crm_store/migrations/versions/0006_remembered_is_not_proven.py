"""A person whom Telegram brings again is not proven to be the customer whose contact they once typed."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Only the web has a way to prove it.
    op.execute("UPDATE conversations SET identified = false WHERE channel <> 'web'")


def downgrade() -> None:
    """What was true before cannot be told, and need not be."""
