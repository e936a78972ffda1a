"""What makes a program that knows fixed hosts come here, in whatever runtime: variables and files."""
