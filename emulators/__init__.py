"""Local stand-ins for external services, used through the real SDKs; production never imports them."""
