"""How fast each area is, as figures against a limit or a reference measured in the same run."""
