"""What is learned or computed from the store: matching, recommendations, the next question."""
