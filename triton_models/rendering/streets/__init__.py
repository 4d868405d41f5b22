"""Streets that never were: cameras, roads, vehicles, traffic and light, drawn from textured quads."""
