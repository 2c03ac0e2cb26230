"""Keep what the readings of each member break of the rules, and read everything again under them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "finding",
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("observed", sa.Text(), nullable=False),
        sa.Column("eg", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("first_at", sa.Float(), nullable=False),
        sa.Column("last_at", sa.Float(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("member", "rule", "object", "path", "observed"),
    )
    op.create_index("finding_by_establishment", "finding", ["member", "eg"], unique=False)
    op.create_table(
        "unit_passage",
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("eg", sa.Text(), nullable=False),
        sa.Column("passage", sa.Text(), nullable=False),
        sa.Column("likeness", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("member", "key"),
    )
    op.create_index("unit_passage_by_likeness", "unit_passage", ["member", "likeness"], unique=False)
    with op.batch_alter_table("establishment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reader", sa.Text(), nullable=False, server_default=""))
    # the copies were made before the rules: the next run sweeps
    op.execute("UPDATE member_sync SET last_sweep = NULL")


def downgrade() -> None:
    op.drop_column("establishment", "reader")
    op.drop_index("unit_passage_by_likeness", table_name="unit_passage")
    op.drop_table("unit_passage")
    op.drop_index("finding_by_establishment", table_name="finding")
    op.drop_table("finding")
