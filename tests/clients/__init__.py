"""Clients that other tools generate from the OpenAPI document, used against the running application."""
