"""Drawn Indian number plates and rendered street cameras, each with its truth."""
