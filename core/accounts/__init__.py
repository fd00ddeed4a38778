"""Accounts: registration, passwords, sessions, profiles."""
