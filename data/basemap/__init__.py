"""The base map that a city brings: made into tiles once, kept under KYDAI_HOME, drawn without a network."""
