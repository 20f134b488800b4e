"""Modules that codegen.py copies into the generated package as they are."""
