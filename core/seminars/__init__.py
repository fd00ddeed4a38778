"""Live seminars."""
