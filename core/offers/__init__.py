"""What courses and services have in common: a teacher, a price, and a way from draft to sale."""
