"""An article becomes numbers, and every number can be traced back to its characters."""

FEATURES_VERSION = 3
"""Version of tokeniser, hash and cleaning rules; a model stores it and is refused by another one."""
