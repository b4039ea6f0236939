"""The Denoise page: the stage, and the figures below it."""
