"""From a full cart to an order: the questions, the answers in any order, the corrections."""
