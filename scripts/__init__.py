"""Scripts for developers: generated documentation, screenshots. Not installed, not imported by the application."""
