"""The models, what Triton serves, and the arithmetic around them."""
