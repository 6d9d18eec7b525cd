"""Whatever is sent: a refusal in a sentence and nothing stored, or the text kept as it was typed."""
