"""Cameras to the topic `frames`: capture, sampling, JPEG, sending."""
