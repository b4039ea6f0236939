"""What is computed of models and codes: measures, projections, paths, what a training did."""
