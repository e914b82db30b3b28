"""The books in SQL: SQLite or PostgreSQL, one schema, one writer."""
