"""Pictures: found in payloads, developed apart from everything else, kept under var/media (docs/pictures.md)."""
