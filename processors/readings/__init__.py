"""Parts of reading: character slots, and the search for the texts that they may be."""
