"""A store on a real database: every test that asks for one runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from postgres import postgres
from store.databases import database_url, migrated, new_database, store

__all__ = ["database_url", "migrated", "new_database", "postgres", "store"]
