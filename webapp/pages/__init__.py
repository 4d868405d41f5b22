"""What browsers see: one blueprint a noun."""
