"""What cameras are opened with: video by PyAV, folders of pictures; and how a frame becomes a JPEG."""
