"""The compiler behind codegen.py: schemas/ in, generated/ out. README.md beside this file shows its layout."""
