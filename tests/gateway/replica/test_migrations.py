"""The migrations make the tables the code reads, and undo what they made."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, func, insert, inspect, select

from gateway.replica.store import MIGRATIONS, migrate
from gateway.replica.tables import establishment, member_sync, metadata


def test_the_migrations_and_the_tables_agree(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/m.db")
    with engine.begin() as connection:
        migrate(connection)
        migrate(connection)
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()

    assert differences == []


def test_a_copy_made_before_an_index_it_lacks_is_made_again(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/m.db")
    with engine.begin() as connection:
        command.upgrade(alembic_configuration(connection), "0001")
        connection.execute(insert(establishment).values(member="84", eg="1", seen_at=1.0, losses=b""))
        connection.execute(insert(member_sync).values(member="84", state="current", waiting="[]"))
        migrate(connection)
        left = [connection.scalar(select(func.count()).select_from(table)) for table in (establishment, member_sync)]
    engine.dispose()

    assert left == [0, 0]


def alembic_configuration(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def test_the_migrations_go_back(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/m.db")
    with engine.begin() as connection:
        migrate(connection)
        command.downgrade(alembic_configuration(connection), "base")
        left = inspect(connection).get_table_names()
    engine.dispose()

    assert left == ["alembic_version"]
