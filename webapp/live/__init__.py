"""New plates: PostgreSQL's channel `plates` -> one listener a process -> bounded queues -> browsers."""
