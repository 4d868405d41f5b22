"""Sightings of one camera -> passages: tracking, voting over frames, life cycle."""
