"""Observations frame by frame -> tracks that begin, go on, stand, are taken up again, or are lost."""
