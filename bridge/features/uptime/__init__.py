"""Watches over the servers."""
