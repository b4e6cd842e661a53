"""What the page says, in the languages it speaks."""

from __future__ import annotations

import re
from typing import Final

EN: Final = {
    "title": "Passerelle: the demo",
    "lead": "Type in any pane; read it in the other two.",
    "explained": "The game and Discord are pretended here; the bridge between them is the real one.",
    "game": "Game",
    "discord": "Discord",
    "site": "Website",
    "game_title": "Minecraft server",
    "chat_tab": "Chat",
    "log_tab": "Log",
    "chat_view": "What players see",
    "log_view": "Server log",
    "site_title": "Website: the live room",
    "site_open": "Open in its own tab",
    "site_missing": "The website is not part of this demo.",
    "your_name": "Your name",
    "say_game": "Say something…",
    "say_discord": "Message #{channel}",
    "send": "Send",
    "online": "{count} online",
    "down": "server is down",
    "edited": "(edited)",
    "edit": "Edit",
    "remove": "Delete",
    "app": "APP",
    "only_you": "Only you can see this",
    "game_to_discord": "Game → Discord",
    "discord_to_game": "Discord → game",
    "site_to_both": "Website → both",
    "latency": "last {ms} ms",
    "connecting": "Connecting…",
    "lost": "Connection lost, trying again…",
    "pinned": "How the server is",
    "empty_discord": "Nothing here yet. Write the first line.",
    "empty_game": "Nobody has said anything yet.",
    "failed": "That did not arrive: {problem}",
    "bad_name": "A player's name has 3 to 16 letters, digits or underscores.",
    "taken": "{name} is playing already; take another name.",
    "too_long": "At most {most} characters, please.",
    "server_down": "The server is down; wait until it is back.",
    "not_answered": "The bridge did not answer this command in time.",
    "panes": "Panes",
    "skip": "Skip to the game's input",
}
FR: Final = {
    "title": "Passerelle : la démo",
    "lead": "Écrivez dans un volet : tout arrive dans les deux autres.",
    "explained": "Le jeu et Discord sont simulés ; la passerelle entre les deux est la vraie.",
    "game": "Jeu",
    "discord": "Discord",
    "site": "Site",
    "game_title": "Serveur Minecraft",
    "chat_tab": "Chat",
    "log_tab": "Journal",
    "chat_view": "Ce que voient les joueurs",
    "log_view": "Journal du serveur",
    "site_title": "Site : le salon en direct",
    "site_open": "Ouvrir dans un onglet",
    "site_missing": "Le site ne fait pas partie de cette démo.",
    "your_name": "Votre nom",
    "say_game": "Dites quelque chose…",
    "say_discord": "Écrire dans #{channel}",
    "send": "Envoyer",
    "online": "{count} en ligne",
    "down": "serveur arrêté",
    "edited": "(modifié)",
    "edit": "Modifier",
    "remove": "Supprimer",
    "app": "APP",
    "only_you": "Vous seul pouvez voir ceci",
    "game_to_discord": "Jeu → Discord",
    "discord_to_game": "Discord → jeu",
    "site_to_both": "Site → les deux",
    "latency": "dernière {ms} ms",
    "connecting": "Connexion…",
    "lost": "Connexion perdue, nouvel essai…",
    "pinned": "Comment va le serveur",
    "empty_discord": "Rien pour l'instant. Écrivez la première ligne.",
    "empty_game": "Personne n'a encore parlé.",
    "failed": "Cela n'est pas arrivé : {problem}",
    "bad_name": "Un nom de joueur a 3 à 16 lettres, chiffres ou tirets bas.",
    "taken": "{name} joue déjà ; prenez un autre nom.",
    "too_long": "Pas plus de {most} caractères, s'il vous plaît.",
    "server_down": "Le serveur est arrêté ; attendez qu'il revienne.",
    "not_answered": "La passerelle n'a pas répondu à temps à cette commande.",
    "panes": "Volets",
    "skip": "Aller à la saisie du jeu",
}
LANGUAGES: Final = {"en": EN, "fr": FR}
DEFAULT_NAMES: Final = {"en": "You", "fr": "Vous"}

_RANGE: Final = re.compile(r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]+)?\s*(?:;\s*q=(\d(?:\.\d{0,3})?))?\s*")


def choose_language(accepted: str) -> str:
    """Return the spoken language that an ``Accept-Language`` header likes best; English if none."""
    ranges = (_RANGE.fullmatch(part) for part in accepted[:1000].split(","))
    wanted = [(float(found[2] or 1), found[1].lower()) for found in ranges if found]
    known = [(weight, language) for weight, language in wanted if language in LANGUAGES and weight > 0]
    return max(known, key=lambda each: each[0], default=(0.0, "en"))[1]
