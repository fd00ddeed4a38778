"""Services: work of a teacher for one buyer, booked and paid."""
