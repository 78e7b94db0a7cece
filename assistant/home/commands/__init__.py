"""What each service means for each kind of device, and what shows that it was done."""
