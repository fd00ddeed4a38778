"""The app for buyers and teachers: drawn by Flutter, written in Python. It speaks to Aula by HTTP only."""
