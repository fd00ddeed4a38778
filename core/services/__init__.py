"""Services: what teachers do for one person at a time, booked and paid."""
