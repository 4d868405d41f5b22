"""ONNX Runtime as a Python-based Triton backend of the name that the official image uses."""
