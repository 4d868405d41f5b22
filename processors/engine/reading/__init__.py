"""What a worker reads, so that no message is passed over and no silence is mistaken."""
