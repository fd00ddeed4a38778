"""The emulator's HTML pages: the checkout page and the overview of sessions and events."""
