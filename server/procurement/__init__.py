"""Buying only what cannot be had by transfer: purchase needs, and the proof that an idle search was made for each."""
