"""Is a stored final what was seen? Each link from the row back to the frame is checked by itself."""
