"""Citizens' reports as they are worked on, in the record: as they stand, what was done, who sent them (sealed), what the board is owed."""
