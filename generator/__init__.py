"""The compiler behind codegen.py: schemas/ in, generated/ out. README.md shows its layout."""
