"""`make soak`: many RTSP cameras with faults, read for as long as one likes; every frame must be told of."""
