"""The one loop around every stage: window, acknowledgements, retries, dead letters, health. Faust lives here alone."""
