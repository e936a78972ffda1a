"""From values to rows of cells: colours, characters, numbers, bars. Pure."""
