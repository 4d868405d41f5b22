"""Crops of plates to learn from: framed and shaken, lettered by other hands, in bad weather."""
