"""The endpoints of operators, one file for each noun."""
