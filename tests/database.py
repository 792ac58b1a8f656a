"""DuckDB without a store: to open a database and name its macros takes longer than most questions of a test."""

from __future__ import annotations

from functools import cache

import duckdb

from analytics.sql.engines.duckdb import register_macros


def open_database() -> duckdb.DuckDBPyConnection:
    """A database in memory that knows the model's macros."""
    database = duckdb.connect()
    register_macros(database)
    return database


def connection_in(database: duckdb.DuckDBPyConnection, zone: str) -> duckdb.DuckDBPyConnection:
    """Another connection to a database; what it registers, and its temporary tables and views, only it sees."""
    connection = database.cursor()
    connection.execute(f"SET TimeZone = '{zone}'")
    return connection


@cache
def empty_database() -> duckdb.DuckDBPyConnection:
    """The one of this process that nothing stands in."""
    return open_database()
