"""Backends for a Triton that lacks them; the official image has its own."""
