"""Labelled pictures, what was read of them, and others beside it -> counts, rates, reports."""
