"""Who lives in the simulator: people, their Pages and what they may do there (meta.md 13.2)."""

from typing import Final

from msgspec import Struct

FULL: Final = ("ANALYZE", "ADVERTISE", "MESSAGING", "MODERATE", "CREATE_CONTENT", "MANAGE")
NEW_PAGE: Final = ("PROFILE_PLUS_FULL_CONTROL", "PROFILE_PLUS_CREATE_CONTENT")
READ_ONLY: Final = ("ANALYZE", "ADVERTISE")


class Page(Struct, frozen=True, kw_only=True):
    """A Facebook Page."""

    id: str
    name: str
    username: str
    category: str
    followers: int
    colour: str


class Person(Struct, frozen=True, kw_only=True):
    """Somebody with a Facebook profile; ``roles`` gives the tasks by Page id."""

    id: str
    name: str
    roles: dict[str, tuple[str, ...]] = {}


PAGES: Final[dict[str, Page]] = {
    page.id: page
    for page in (
        Page(
            id="104837562918374",
            name="Maison Teranga",
            username="maisonteranga",
            category="Restaurant",
            followers=12840,
            colour="#B4532A",
        ),
        Page(
            id="110293847561029",
            name="Atelier Ndar",
            username="atelierndar",
            category="Clothing (Brand)",
            followers=3275,
            colour="#2E5E4E",
        ),
        Page(
            id="115647382910475",
            name="Dakar Course à Pied",
            username="dakarcourse",
            category="Sports Club",
            followers=860,
            colour="#3C4F8A",
        ),
        Page(
            id="120938475610293",
            name="Librairie du Canal",
            username="librairieducanal",
            category="Bookstore",
            followers=5410,
            colour="#7A3E6B",
        ),
    )
}

PEOPLE: Final[dict[str, Person]] = {
    person.id: person
    for person in (
        Person(
            id="10159384756102938",
            name="Awa Ndiaye",
            roles={
                "104837562918374": FULL,
                "110293847561029": NEW_PAGE,
                "115647382910475": READ_ONLY,
            },
        ),
        Person(
            id="10160293847561027",
            name="Claire Martin",
            roles={"120938475610293": FULL},
        ),
        Person(id="10161827364509182", name="Moussa Diop"),
    )
}

SCOPE_WORDS: Final[dict[str, str]] = {
    "public_profile": "See your name and profile picture",
    "email": "See your e-mail address",
    "pages_show_list": "Show a list of the Pages you manage",
    "pages_read_engagement": "Read content posted on the Page",
    "pages_manage_posts": "Create and manage content on your Page",
    "pages_manage_engagement": "Comment and react as your Page",
    "pages_read_user_content": "Read user content on your Page",
    "pages_manage_metadata": "Manage settings of your Page",
    "read_insights": "Read your Page's statistics",
    "business_management": "Manage your business",
}
