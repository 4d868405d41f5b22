"""What a drill left behind, held against what it must have."""
