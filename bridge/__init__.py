"""Passerelle joins a Minecraft community's game servers, its Discord and its website."""

from importlib.metadata import version

__version__ = version("passerelle")
