"""What a simulated city sees, in shares, and which ability of a camera sees it (the city packs' facts)."""

VIOLATIONS = (
    ("red_light", 34),
    ("illegal_parking", 22),
    ("no_helmet", 16),
    ("wrong_way", 8),
    ("encroachment", 12),
    ("truck_hours", 4),
    ("waste_dump", 4),
)
ALARMS = (
    ("congestion", 34),
    ("crowd", 22),
    ("fire_single", 10),
    ("street_flood", 6),
    ("wrong_way_arterial", 10),
    ("construction_continuing", 8),
    ("camera_tamper", 5),
    ("watch_plate", 5),
)
ABILITY = {
    "red_light": "red_light",
    "wrong_way": "wrong_way",
    "illegal_parking": "parking",
    "encroachment": "encroachment",
    "crowd": "crowd",
    "fire_single": "smoke",
    "street_flood": "flood_level",
}
# Four in ten rate what became of their report; nine in ten of these can live with it.
RATINGS = (("", "satisfied", "acceptable", "dissatisfied"), (59, 25, 12, 4))
