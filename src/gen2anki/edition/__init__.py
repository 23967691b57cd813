"""A checked lesson and its ledger to an edition: what is new, changed, moved and gone."""
