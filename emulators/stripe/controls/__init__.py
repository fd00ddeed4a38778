"""`/_emulator/`: what the operator of the emulator can do. Stripe has no such API."""
