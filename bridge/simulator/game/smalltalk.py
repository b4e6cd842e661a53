"""What the simulated players talk about: short conversations in English and French."""

from __future__ import annotations

from typing import Final

CONVERSATIONS: Final[tuple[tuple[str, ...], ...]] = (
    # each line is said by the next of those who talk, in turn
    ("anyone up for the nether?", "give me two minutes, I need food", "ok meet at the portal"),
    ("who took the *last* diamond pickaxe", "not me", "check the chest by the door", "found it, sorry!"),
    ("the bridge over the river is done 🎉", "looks great!", "needs lanterns though", "**many** lanterns"),
    ("how do I link my Discord?", "there is a page for it: https://example.org/link", "thanks!"),
    ("does anybody have spare string", "how much", "like 12", "come to spawn, I have 40"),
    ("is __init__ a good name for a base", "only if it never ends", "lol"),
    ("my dog fell in the ravine again :(", "is he ok?", "he is ok. he is proud of it"),
    ("night!", "already? see you tomorrow", "o/"),
    ("look behind you", "very funny", "no really", "oh. OH."),
    ("trade 3 emeralds for a name tag?", "deal", "pleasure doing business"),
    ("what's the seed of this map", "/seed says no", "fair enough"),
    ("`/home` works again btw", "finally", "took me a while, sorry"),
    ("that creeper had ~~no~~ some manners", "did it knock?", "it did not"),
    ("we should plan the raid", "saturday 8 pm?", "works for me", "I'll bring beds", "please don't"),
    ("new record: 1 hour without dying", "congratulations 😄", "don't jinx it"),
    ("where is the guardian farm", "x=-1200 z=340", "bring milk"),
    ("salut tout le monde", "salut !", "bien dormi ?", "comme un villageois"),
    ("quelqu'un a du bois de chêne ?", "un coffre entier près du moulin", "merci beaucoup !"),
    ("on construit la gare ce soir ?", "oui, après le repas", "je ramène les rails 🚂"),
    ("il y a un bébé tortue sur la plage", "protégez-le à tout prix", "j'ai mis une clôture"),
    ("j'ai encore perdu mon équipement…", "dans la lave ?", "évidemment", "courage, je t'en refais un"),
    ("la ferme à blé déborde", "fais du pain", "déjà 12 stacks", "fais des gâteaux alors 🍰"),
    ("c'est quoi ce trou devant chez moi", "un raccourci", "vers où ?", "vers le bas"),
    ("la carte est à jour : https://example.org/carte", "super boulot", "_clap clap_"),
    ("qui vient voir le coucher de soleil ?", "j'arrive !", "gardez-moi une place"),
    ("je cherche un nom pour le chat", "Passerelle ?", "adopté"),
)

REPLIES_EN: Final = ("hi {name}!", "hey {name} o/", "welcome {name}", "hello from in here, {name}")
REPLIES_FR: Final = (
    "salut {name} !",
    "coucou {name}",
    "bienvenue {name} !",
    "bonjour {name} :)",
)
GREETINGS_EN: Final = frozenset({"hello", "hi", "hey", "test", "hallo", "yo"})
GREETINGS_FR: Final = frozenset({"salut", "bonjour", "coucou", "bonsoir"})

NAMES: Final = ("Alix", "Mira_", "_Oskar_", "Juniper", "TomteNisse", "Lou", "Zoe42", "BlockBertha", "Elio")
"""Some have underscores, which careless bridges turn into italics."""

DEATHS: Final = (
    "was slain by Zombie",
    "was shot by Skeleton",
    "was blown up by Creeper",
    "tried to swim in lava",
    "fell from a high place",
    "hit the ground too hard",
    "was pricked to death",
    "drowned",
    "was slain by Enderman",
    "fell off some vines",
    "was killed by [Intentional Game Design]",
    "walked into a cactus while trying to escape Spider",
)

ADVANCEMENTS: Final = (
    ("Stone Age", "task"),
    ("Acquire Hardware", "task"),
    ("Diamonds!", "task"),
    ("Hot Stuff", "task"),
    ("Sweet Dreams", "task"),
    ("We Need to Go Deeper", "task"),
    ("Best Friends Forever", "task"),
    ("A Seedy Place", "task"),
    ("Monster Hunter", "task"),
    ("Return to Sender", "challenge"),
    ("Two by Two", "challenge"),
    ("Postmortal", "goal"),
)

EMOTES: Final = (
    "waves",
    "plants a sapling",
    "looks at the map",
    "danse sous la pluie",
    "stretches and yawns",
    "compte ses lingots",
)
