"""Folders of labelled pictures: read, opened, checked, shown; what is probably wrong in them."""
