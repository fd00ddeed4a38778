"""Audio, video and data between the clients, by aiortc."""
