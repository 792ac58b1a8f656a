"""placeholder, the public API comes with the store"""
