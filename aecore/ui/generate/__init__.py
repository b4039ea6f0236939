"""The page Generate: the plane of styles, and draws from four models."""
