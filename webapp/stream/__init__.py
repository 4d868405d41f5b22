"""The portal's side of Kafka: uploaded frames go in, the last frames of cameras come out."""
