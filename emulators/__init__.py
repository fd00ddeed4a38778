"""Local stand-ins for outside services, spoken to by the real SDKs; production never imports them."""
