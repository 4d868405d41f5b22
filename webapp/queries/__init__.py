"""Questions to the database, one named function each."""
