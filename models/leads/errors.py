"""What a table or a store may lack for a score to be learned from it."""

from __future__ import annotations

from crm_store.errors import SalesError


class NotEnoughToLearn(SalesError):
    """There are too few examples, or all of them ended the same way."""

    code = "not_enough_to_learn"


class TableNotUsable(SalesError):
    """The table cannot be used as it is; the sentence names the file, the column or the value."""

    code = "table_not_usable"
