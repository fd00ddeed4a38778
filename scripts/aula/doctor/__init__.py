"""`aula doctor`: checks of what is around the processes, one file for each part."""
