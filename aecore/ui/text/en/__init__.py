"""The sentences in English, a module for each page that says them."""
