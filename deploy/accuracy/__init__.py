"""How well pictures are read: labels against reads, alone and beside others, as figures and as a page."""
