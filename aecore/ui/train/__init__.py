"""The Train page: the form, the run that is open, the list of runs, datasets."""
