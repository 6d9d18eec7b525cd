"""Write use cases of asset cards, one subject a file."""

from server.assets.commands.accessories import set_accessories
from server.assets.commands.correct import correct_asset
from server.assets.commands.freeze import freeze_asset, unfreeze_asset
from server.assets.commands.keep import attach_picture, change_custodian, move_asset, record_clearing
from server.assets.commands.label import print_label
from server.assets.commands.register import register_asset

__all__ = [
    "attach_picture",
    "change_custodian",
    "correct_asset",
    "freeze_asset",
    "move_asset",
    "print_label",
    "record_clearing",
    "register_asset",
    "set_accessories",
    "unfreeze_asset",
]
