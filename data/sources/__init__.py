"""One file per source adapter. Each declares one constant, SOURCE."""
