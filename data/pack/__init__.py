"""City packs: a folder that says what a city is. `load` reads one and refuses it with every mistake that it finds."""

from data.pack.load import Pack, folder_of, load, names

__all__ = ["Pack", "folder_of", "load", "names"]
