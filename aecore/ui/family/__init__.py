"""The Family page: its members as data, and what its component is sent."""
