"""A city that does not happen: a seedable stream of what its cameras and citizens would say, through the same front door."""
