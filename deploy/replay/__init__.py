"""Retained frames once more, with these or other models: onto a topic of its own, beside what was live."""
