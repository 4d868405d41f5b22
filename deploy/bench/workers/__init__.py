"""What more workers of a stage are worth, and whether one grows with what it has seen."""
