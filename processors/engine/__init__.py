"""The one loop around every stage: window, acknowledgements, retries, dead letters, health.

Faust is imported in `app.py` and nowhere else.
"""
