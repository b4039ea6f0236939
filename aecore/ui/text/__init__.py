"""Facts turned into sentences."""
