"""Where open pages hear that a thing on the board has changed."""

BOARD_CHANNEL = "listing"
