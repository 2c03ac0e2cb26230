"""The tables of the replica, as SQLAlchemy Core sees them; `migrations` makes them.

An object is kept once for each establishment whose reading brought it: a legal entity or a professional shared between
establishments stays while one of them still holds it. The index tables repeat of an offer what searches ask.
"""

from sqlalchemy import Column, Float, ForeignKeyConstraint, Index, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData()

member_sync = Table(
    "member_sync",
    metadata,
    Column("member", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("cause", Text),
    Column("failure", Text),
    Column("date_ref", Float),
    Column("pending_since", Float),
    Column("last_attempt", Float),
    Column("last_success", Float),
    Column("last_sweep", Float),
    Column("contract", Text),
    Column("nos", Text),
    Column("waiting", Text, nullable=False),
)
"""How far the copy of a member is. Instants are seconds since 1970: `date_ref` is what the next notification asks."""

establishment = Table(
    "establishment",
    metadata,
    Column("member", Text, primary_key=True),
    Column("eg", Text, primary_key=True),
    Column("seen_at", Float, nullable=False),
    Column("losses", LargeBinary, nullable=False),
)

object_ = Table(
    "object",
    metadata,
    Column("member", Text, primary_key=True),
    Column("eg", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fhir_id", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("updated", Float),
    Column("payload", LargeBinary, nullable=False),
    ForeignKeyConstraint(["member", "eg"], ["establishment.member", "establishment.eg"], ondelete="CASCADE"),
    Index("object_by_key", "key"),
    Index("object_by_fhir_id", "fhir_id"),
)

offer = Table(
    "offer",
    metadata,
    Column("member", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("eg", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("category", Text),
    Column("name", Text, nullable=False),
    Column("updated", Float),
    Column("age_min", Float),
    Column("age_max", Float),
    Column("sensitive", Integer, nullable=False),
    ForeignKeyConstraint(["member", "eg"], ["establishment.member", "establishment.eg"], ondelete="CASCADE"),
    Index("offer_by_establishment", "member", "eg"),
)


def _of_offer(name: str, *columns: Column[str] | Column[float]) -> Table:
    return Table(
        name,
        metadata,
        Column("member", Text, nullable=False),
        Column("key", Text, nullable=False),
        *columns,
        ForeignKeyConstraint(["member", "key"], ["offer.member", "offer.key"], ondelete="CASCADE"),
        Index(f"{name}_by_offer", "member", "key"),
    )


offer_code = _of_offer(
    "offer_code",
    Column("criterion", Text, nullable=False),
    Column("system", Text, nullable=False),
    Column("code", Text, nullable=False),
)
Index("offer_code_by_code", offer_code.c.criterion, offer_code.c.code, offer_code.c.member, offer_code.c.key)

offer_place = _of_offer(
    "offer_place",
    Column("commune", Text),
    Column("department", Text),
    Column("region", Text),
    Column("latitude", Float),
    Column("longitude", Float),
)
Index("offer_place_by_commune", offer_place.c.commune)
Index("offer_place_by_department", offer_place.c.department)

offer_owner = _of_offer("offer_owner", Column("owner", Text, nullable=False))
Index("offer_owner_by_owner", offer_owner.c.owner)

part = Table(
    "part",
    metadata,
    Column("member", Text, nullable=False),
    Column("eg", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("fhir_id", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("updated", Float),
    Column("holder", Text, nullable=False),
    ForeignKeyConstraint(["member", "eg"], ["establishment.member", "establishment.eg"], ondelete="CASCADE"),
    Index("part_by_key", "key"),
    Index("part_by_fhir_id", "fhir_id"),
    Index("part_by_establishment", "member", "eg"),
)
"""What has an identity without being an object of its own: a place of an offer, a situation of a professional."""
