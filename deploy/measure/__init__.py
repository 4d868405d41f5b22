"""What a run did: counted from the topics and the database, compared with the truth of rendered films."""
