"""A trained model -> the file that Triton serves: checked, in 8 bits where that is cheap, with its card."""
