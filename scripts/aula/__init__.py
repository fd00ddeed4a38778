"""The command line of operators, one file for each noun. It uses the functions that the endpoints of operators use."""
