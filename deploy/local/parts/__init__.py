"""The servers that are not ours: Kafka and its topics, PostgreSQL and its schema, Triton."""
