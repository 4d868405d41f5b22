"""Reading pictures and videos in this process: the stages' own functions over ONNX Runtime, no stack."""
