"""The three ways in which messages go through a stage: each for itself, in order, or gathered."""
