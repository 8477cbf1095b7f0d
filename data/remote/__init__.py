"""Layers that other houses serve: asked for by this server alone, kept for a while, and handed on (docs/layers.md)."""
