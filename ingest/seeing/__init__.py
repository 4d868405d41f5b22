"""Which frames are decoded, which are sent, and whether a camera can see at all. No IO."""
