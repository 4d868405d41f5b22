"""The life of one camera: opened, decoded, stamped, counted, and opened again when it breaks off."""
