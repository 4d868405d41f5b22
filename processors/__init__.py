"""The recognition stream: frames -> sightings -> plates -> plates.enriched -> rows.

`python -m processors <stage>` runs one of its stages.
"""
