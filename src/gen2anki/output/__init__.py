"""An edition to files: the package, the ledger, each replaced whole."""
