"""Passages -> their events: previews, finals, and what is remembered so that one vehicle gives one final."""
