"""Follow-ups say what they are about, whose they are and how they ended; the shop says when it may write."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
DAYS = '["mon", "tue", "wed", "thu", "fri", "sat"]'


def upgrade() -> None:
    for column in (
        sa.Column("about", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("assigned_to", sa.String(120)),
        sa.Column("reason", sa.String(200)),
        sa.Column("sequence", sa.Integer(), nullable=False, server_default="0"),
        # Without a foreign key: SQLite cannot add one to a table that is there.
        sa.Column("message_id", sa.Integer()),
        sa.Column("settled_at", TIME),
    ):
        op.add_column("follow_ups", column)
    for column in (
        sa.Column("contact_from", sa.Integer(), nullable=False, server_default="9"),
        sa.Column("contact_until", sa.Integer(), nullable=False, server_default="20"),
        sa.Column("contact_days", sa.JSON(), nullable=False, server_default=DAYS),
    ):
        op.add_column("shop", column)
    op.create_index("ix_follow_ups_message_id", "follow_ups", ["message_id"], unique=True)
    op.create_index("ix_follow_ups_status_due_at", "follow_ups", ["status", "due_at"])


def downgrade() -> None:
    op.drop_index("ix_follow_ups_status_due_at", "follow_ups")
    op.drop_index("ix_follow_ups_message_id", "follow_ups")
    for column in ("about", "assigned_to", "reason", "sequence", "message_id", "settled_at"):
        op.drop_column("follow_ups", column)
    for column in ("contact_from", "contact_until", "contact_days"):
        op.drop_column("shop", column)
