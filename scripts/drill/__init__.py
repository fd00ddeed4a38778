"""`make drill`: causes five faults during many purchases, and repairs them with the operator's tools alone."""
