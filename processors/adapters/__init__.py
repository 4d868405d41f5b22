"""Edges of the stages: inference, retained frames, registry, database, object store.

Errors of libraries end here.
"""
