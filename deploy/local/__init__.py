"""The whole stack on one machine from Python packages alone: no Docker, no root, no Java installed."""
