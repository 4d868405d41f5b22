"""The main job for a newcomer: cameras, every stage, the portal, and a table of what became of it all."""
