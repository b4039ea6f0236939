// (under way)
