"""Keep a copy of each member."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "establishment",
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("eg", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.Float(), nullable=False),
        sa.Column("losses", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("member", "eg"),
    )
    op.create_table(
        "member_sync",
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("date_ref", sa.Float(), nullable=True),
        sa.Column("pending_since", sa.Float(), nullable=True),
        sa.Column("last_attempt", sa.Float(), nullable=True),
        sa.Column("last_success", sa.Float(), nullable=True),
        sa.Column("last_sweep", sa.Float(), nullable=True),
        sa.Column("contract", sa.Text(), nullable=True),
        sa.Column("nos", sa.Text(), nullable=True),
        sa.Column("waiting", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("member"),
    )
    op.create_table(
        "object",
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("eg", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fhir_id", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("updated", sa.Float(), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["member", "eg"], ["establishment.member", "establishment.eg"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("member", "eg", "kind", "key"),
    )
    with op.batch_alter_table("object", schema=None) as batch_op:
        batch_op.create_index("object_by_fhir_id", ["fhir_id"], unique=False)
        batch_op.create_index("object_by_key", ["key"], unique=False)

    op.create_table(
        "offer",
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("eg", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("updated", sa.Float(), nullable=True),
        sa.Column("age_min", sa.Float(), nullable=True),
        sa.Column("age_max", sa.Float(), nullable=True),
        sa.Column("sensitive", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["member", "eg"], ["establishment.member", "establishment.eg"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("member", "key"),
    )
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.create_index("offer_by_establishment", ["member", "eg"], unique=False)

    op.create_table(
        "part",
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("eg", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fhir_id", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("updated", sa.Float(), nullable=True),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["member", "eg"], ["establishment.member", "establishment.eg"], ondelete="CASCADE"),
    )
    with op.batch_alter_table("part", schema=None) as batch_op:
        batch_op.create_index("part_by_establishment", ["member", "eg"], unique=False)
        batch_op.create_index("part_by_fhir_id", ["fhir_id"], unique=False)
        batch_op.create_index("part_by_key", ["key"], unique=False)

    op.create_table(
        "offer_code",
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["member", "key"], ["offer.member", "offer.key"], ondelete="CASCADE"),
    )
    with op.batch_alter_table("offer_code", schema=None) as batch_op:
        batch_op.create_index("offer_code_by_code", ["criterion", "code", "member", "key"], unique=False)
        batch_op.create_index("offer_code_by_offer", ["member", "key"], unique=False)

    op.create_table(
        "offer_owner",
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["member", "key"], ["offer.member", "offer.key"], ondelete="CASCADE"),
    )
    with op.batch_alter_table("offer_owner", schema=None) as batch_op:
        batch_op.create_index("offer_owner_by_offer", ["member", "key"], unique=False)
        batch_op.create_index("offer_owner_by_owner", ["owner"], unique=False)

    op.create_table(
        "offer_place",
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("commune", sa.Text(), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["member", "key"], ["offer.member", "offer.key"], ondelete="CASCADE"),
    )
    with op.batch_alter_table("offer_place", schema=None) as batch_op:
        batch_op.create_index("offer_place_by_commune", ["commune"], unique=False)
        batch_op.create_index("offer_place_by_department", ["department"], unique=False)
        batch_op.create_index("offer_place_by_offer", ["member", "key"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("offer_place", schema=None) as batch_op:
        batch_op.drop_index("offer_place_by_offer")
        batch_op.drop_index("offer_place_by_department")
        batch_op.drop_index("offer_place_by_commune")

    op.drop_table("offer_place")
    with op.batch_alter_table("offer_owner", schema=None) as batch_op:
        batch_op.drop_index("offer_owner_by_owner")
        batch_op.drop_index("offer_owner_by_offer")

    op.drop_table("offer_owner")
    with op.batch_alter_table("offer_code", schema=None) as batch_op:
        batch_op.drop_index("offer_code_by_offer")
        batch_op.drop_index("offer_code_by_code")

    op.drop_table("offer_code")
    with op.batch_alter_table("part", schema=None) as batch_op:
        batch_op.drop_index("part_by_key")
        batch_op.drop_index("part_by_fhir_id")
        batch_op.drop_index("part_by_establishment")

    op.drop_table("part")
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.drop_index("offer_by_establishment")

    op.drop_table("offer")
    with op.batch_alter_table("object", schema=None) as batch_op:
        batch_op.drop_index("object_by_key")
        batch_op.drop_index("object_by_fhir_id")

    op.drop_table("object")
    op.drop_table("member_sync")
    op.drop_table("establishment")
