"""Processes killed in the middle of the main job, and the proof that no plate is lost and none is double."""
