"""Watch lists: plates and persons that a city looks for, by whose decision, and until when."""
