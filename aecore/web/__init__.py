"""What a browser fetches beside the pages: HTTP content, without streamlit."""
