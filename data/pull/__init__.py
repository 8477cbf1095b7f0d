"""One file per kind of device that is asked. Each declares one constant, PULL."""
