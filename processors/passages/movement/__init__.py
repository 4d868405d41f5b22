"""Where a vehicle came along: direction, speed, crossings of lines and zones, the place where it stands."""
