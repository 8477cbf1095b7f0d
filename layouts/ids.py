"""Every id on the page, once."""

SLOT = "slot"
CONTENT = "_pages_content"  # Dash's own name for what a page stands in
MAP, STILL, MARKS, SPOTS, SHADES = "map", "still-layers", "marks", "hot-spots", "ward-shades"
STATEBAR, RATE, LIST, SEARCH, DETAIL, TIMELINE = "statebar", "rate", "list", "search", "detail", "timeline"
