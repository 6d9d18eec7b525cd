"""The wanted board (需求广场): a unit says what it looks for, and what is idle and fits is suggested, now and later."""
