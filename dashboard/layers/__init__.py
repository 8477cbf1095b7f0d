"""The city's own layers on the map: what one is, who may see it, how fresh it is."""
