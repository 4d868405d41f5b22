"""The one loop around every stage: window, acknowledgements, retries, dead letters, health.

What Faust is told stands in `app.py` and `reading/`.
"""
