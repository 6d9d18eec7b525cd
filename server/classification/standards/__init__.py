"""Allocation standards (配置标准): what a unit may hold of which item, at which price, for how long (财资〔2016〕27号).

They differ from place to place, so each jurisdiction has its own tables, by effective day. They warn and never block.
"""
