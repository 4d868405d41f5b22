"""What a drill films: streets, parked vehicles, live cameras, and whether they give frames."""
