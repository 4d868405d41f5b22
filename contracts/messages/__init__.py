"""One file a message. Frozen structs; unknown fields are refused; times are UTC."""
