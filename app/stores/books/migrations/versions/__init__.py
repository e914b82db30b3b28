"""The steps of the schema, one a file, named by their revision."""
