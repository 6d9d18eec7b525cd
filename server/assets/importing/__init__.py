"""Ledgers as units really keep them become cards: read, understood, shown for correction, then written in one go."""
