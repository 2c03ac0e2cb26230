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
    Column("reader", Text, nullable=False, server_default=""),
)
"""`reader` names what read it: two readings are compared when the same release read them under the same contract."""

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

finding = Table(
    "finding",
    metadata,
    Column("member", Text, primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("object", Text, primary_key=True),
    Column("path", Text, primary_key=True),
    Column("observed", Text, primary_key=True),
    Column("eg", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("first_at", Float, nullable=False),
    Column("last_at", Float, nullable=False),
    Column("times", Integer, nullable=False),
    Index("finding_by_establishment", "member", "eg"),
)
"""What the readings of a member break of the rules. `observed` is `reading` for what each reading shows by itself,
which the next one replaces, or `life` for what two readings show, which is kept for a while.
"""

unit_passage = Table(
    "unit_passage",
    metadata,
    Column("member", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("eg", Text, nullable=False),
    Column("passage", Text, nullable=False),
    Column("likeness", LargeBinary, nullable=False),
    Column("at", Float, nullable=False),
    Index("unit_passage_by_likeness", "member", "likeness"),
)
"""Units that `came` to an establishment or are `gone` from it since the first copy: one that goes while its like comes
elsewhere may have moved under another identifier.
"""
