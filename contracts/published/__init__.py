"""The contracts for others: JSON Schema and AsyncAPI made from the types, and what keeps them compatible."""
