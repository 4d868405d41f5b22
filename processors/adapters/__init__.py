"""Edges of the stages: inference, frames read back, registry, database, object store. Library errors end here."""
