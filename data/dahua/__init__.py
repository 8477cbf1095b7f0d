"""How Dahua devices write: what its adapter (data/sources/dahua.py) is made of."""
