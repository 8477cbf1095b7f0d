"""Citizens' reports as Open311 GeoReport v2 has them (docs/open311.md): what is asked, what is posted, what is answered."""
