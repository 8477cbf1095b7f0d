"""From event to alarm: what stands, who may do what about it, and what the clock does by itself."""
