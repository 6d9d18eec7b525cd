"""How papers are drawn: fonts, codes and text pieces, and the two kinds of paper, labels and forms."""
