"""Uploaded pictures: checked, stored, sent to the stream, followed to their result."""
