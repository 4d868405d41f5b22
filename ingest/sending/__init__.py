"""Frames and coverage on their way to Kafka, and where they wait when it is away."""
