"""The city's own layers: read from files that others made, kept as versions under the home, served to the map and to other systems.

Only `data/layers/importing` and what it calls load GDAL, so that the roles that serve screens never do.
"""
