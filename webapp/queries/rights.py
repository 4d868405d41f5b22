"""Which passages a user may see, as a condition of a query on `passages` that is given `user_name`."""

from __future__ import annotations

from typing import LiteralString

MAY_SEE: LiteralString = """(origin <> 'upload' OR camera IN (
    SELECT 'upload-' || uploads.id FROM uploads WHERE uploads.user_name = %(user_name)s))"""
"""What cameras saw is for every user, an upload for the one who sent it."""
