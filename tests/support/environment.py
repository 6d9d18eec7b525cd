"""The product's own variables, which no test, bench or guard may take over from whoever runs it.

A shell that was set up for a real installation would otherwise let a test's product write into its database.
"""

import os
from dataclasses import fields

from server.settings import Settings


def forget_installation() -> None:
    """Take every variable of the product out of this process's environment, and so out of its children's."""
    for each in fields(Settings):
        os.environ.pop(each.name.upper(), None)
