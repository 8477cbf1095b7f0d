"""Incidents: alarms, events and reports about one matter, under one owner, with a timeline that only grows."""
