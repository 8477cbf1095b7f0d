"""How ONVIF devices write: what its adapter (data/sources/onvif.py) is made of."""
