"""The phrases of the public site that stand in no page of `landing/`."""

from collections.abc import Mapping
from typing import Final, Literal

from core.formats import Language

PageName = Literal["home", "privacy", "terms", "gdpr"]

TITLES: Final[Mapping[Language, Mapping[PageName, str]]] = {
    "sv": {
        "home": "Aula: kurser, handledning och seminarier",
        "privacy": "Integritetspolicy · Aula",
        "terms": "Villkor · Aula",
        "gdpr": "Dina uppgifter · Aula",
    },
    "en": {
        "home": "Aula: courses, tuition and seminars",
        "privacy": "Privacy policy · Aula",
        "terms": "Terms · Aula",
        "gdpr": "Your data · Aula",
    },
}

DESCRIPTIONS: Final[Mapping[Language, Mapping[PageName, str]]] = {
    "sv": {
        "home": "Kurser i din egen takt, personlig handledning och seminarier i direktsändning.",
        "privacy": "Vad Aula sparar om dig, varför, hur länge och vem som ser det.",
        "terms": "Vad som gäller när du köper en kurs, en tjänst eller en plats på ett seminarium.",
        "gdpr": "Se, rätta och radera dina uppgifter.",
    },
    "en": {
        "home": "Courses at your own pace, personal tuition and live seminars.",
        "privacy": "What Aula keeps about you, why, for how long, and who sees it.",
        "terms": "What applies when you buy a course, a service or a seat at a seminar.",
        "gdpr": "See, correct and erase your data.",
    },
}

LABELS: Final[Mapping[Language, Mapping[str, str]]] = {
    "sv": {
        "to_content": "Till innehållet",
        "menu": "Meny",
        "courses": "Kurser",
        "seminars": "Seminarier",
        "log_in": "Logga in",
        "other_name": "English",
        "legal": "Juridiskt",
        "privacy": "Integritet",
        "terms": "Villkor",
        "gdpr": "Dina uppgifter",
        "free": "Gratis",
        "no_courses": "Inga kurser är till salu just nu. Titta gärna in igen.",
        "no_seminars": "Inga seminarier är planerade just nu.",
        "apps": "Aula i mobilen",
    },
    "en": {
        "to_content": "To the content",
        "menu": "Menu",
        "courses": "Courses",
        "seminars": "Seminars",
        "log_in": "Log in",
        "other_name": "Svenska",
        "legal": "Legal",
        "privacy": "Privacy",
        "terms": "Terms",
        "gdpr": "Your data",
        "free": "Free",
        "no_courses": "No courses are on sale right now. Come back soon.",
        "no_seminars": "No seminars are planned right now.",
        "apps": "Aula on your phone",
    },
}
