"""What goes into the cart, changes there and comes out again."""
