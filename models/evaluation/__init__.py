"""How good what is learned is: scores, pictures and pages that a person opens."""
