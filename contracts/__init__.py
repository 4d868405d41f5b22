"""What all parts agree on: topics, messages, errors, the grammar of a registration number."""
