"""Events (活动) and temporary bodies (临时机构): what is borrowed for them has an end, and a list to recall it by."""
