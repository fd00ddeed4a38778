"""`python -m scripts.aula`, as `aula`."""

from scripts.aula.app import app

if __name__ == "__main__":
    app(prog_name="aula")
