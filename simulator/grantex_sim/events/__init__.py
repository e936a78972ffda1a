"""Where the events come from: generated worlds and stories, recordings, and their emission."""
