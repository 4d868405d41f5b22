"""From one picture to its vehicles, plates and characters, whatever carries the models' tensors."""
