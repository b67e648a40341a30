"""What the simulator remembers: one JSON file and a folder of pictures, so links survive."""

import secrets
import time
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

CODE_LIFE_S: Final = 600
SHORT_LIFE_S: Final = 5_400
LONG_LIFE_S: Final = 5_184_000
DATA_ACCESS_S: Final = 7_776_000
CALLS_KEPT: Final = 500


class Code(Struct, kw_only=True):
    """An authorization code: single use, ten minutes."""

    person: str
    redirect_uri: str
    scopes: list[str]
    expires_at: int
    used: bool = False


class Token(Struct, kw_only=True):
    """An access token; ``page`` is empty for a person's own. ``expires_at`` 0 means never."""

    person: str
    scopes: list[str]
    issued_at: int
    expires_at: int = 0
    page: str = ""
    long_lived: bool = False
    dead_subcode: int = 0


class Photo(Struct, kw_only=True):
    """A picture on a Page; ``post`` is set once it is part of a visible post."""

    id: str
    page: str
    file: str
    content_type: str
    width: int
    height: int
    alt: str = ""
    caption: str = ""
    created: int = 0
    post: str = ""


class Post(Struct, kw_only=True):
    """A post on a Page."""

    id: str
    page: str
    message: str
    created: int
    link: str = ""
    photos: list[str] = []
    deleted: bool = False


class Receipt(Struct, kw_only=True):
    """One request to publish as it arrived: when, what, and what became of it."""

    at: float
    page: str
    edge: str
    message: str
    result: str


class Call(Struct, kw_only=True):
    """One request, without query and body."""

    at: float
    method: str
    path: str
    status: int


class Data(Struct, kw_only=True):
    """Everything that is kept."""

    next_id: int = 400_000_000_000_001
    codes: dict[str, Code] = {}
    tokens: dict[str, Token] = {}
    permissions: dict[str, dict[str, str]] = {}
    photos: dict[str, Photo] = {}
    posts: dict[str, Post] = {}
    receipts: list[Receipt] = []


class Store:
    """The kept data and the operations on it. One process uses it at a time."""

    def __init__(self, folder: Path) -> None:
        """Read what an earlier run left in ``folder``."""
        self._file = folder / "facebook.json"
        self._pictures = folder / "pictures"
        self._pictures.mkdir(parents=True, exist_ok=True)
        self.calls: list[Call] = []
        self.data = Data()
        if self._file.exists():
            self.data = msgspec.json.decode(self._file.read_bytes(), type=Data)

    def save(self) -> None:
        """Write everything, whole or not at all."""
        draft = self._file.with_suffix(".new")
        draft.write_bytes(msgspec.json.encode(self.data))
        draft.replace(self._file)

    def new_id(self) -> str:
        """Return the next object id."""
        self.data.next_id += 1
        return str(self.data.next_id)

    def new_code(self, person: str, redirect_uri: str, scopes: list[str]) -> str:
        """Make an authorization code."""
        code = "AQ" + secrets.token_urlsafe(60)
        expires_at = int(time.time()) + CODE_LIFE_S
        self.data.codes[code] = Code(
            person=person, redirect_uri=redirect_uri, scopes=scopes, expires_at=expires_at
        )
        self.save()
        return code

    def new_token(
        self, person: str, scopes: list[str], *, page: str = "", long_lived: bool = False
    ) -> str:
        """Make a token; a Page token of a long-lived one does not expire (meta.md 3.4)."""
        now = int(time.time())
        life = LONG_LIFE_S if long_lived else SHORT_LIFE_S
        text = "EAA" + secrets.token_urlsafe(90).replace("-", "").replace("_", "")
        self.data.tokens[text] = Token(
            person=person,
            scopes=scopes,
            issued_at=now,
            expires_at=0 if page and long_lived else now + life,
            page=page,
            long_lived=long_lived,
        )
        self.save()
        return text

    def page_token(self, person: str, page: str, scopes: list[str], *, long_lived: bool) -> str:
        """Return the living token of a person for a Page, made when there is none."""
        for text, token in self.data.tokens.items():
            same = (token.person, token.page, token.long_lived) == (person, page, long_lived)
            if same and not token.dead_subcode and sorted(token.scopes) == sorted(scopes):
                return text
        return self.new_token(person, scopes, page=page, long_lived=long_lived)

    def kill_tokens(self, person: str, subcode: int) -> None:
        """Make every token of a person dead for the given reason."""
        for token in self.data.tokens.values():
            if token.person == person:
                token.dead_subcode = token.dead_subcode or subcode
        self.save()

    def keep_picture(self, photo_id: str, content: bytes, suffix: str) -> str:
        """Keep a picture's bytes and return its file name."""
        name = f"{photo_id}.{suffix}"
        (self._pictures / name).write_bytes(content)
        return name

    def picture(self, name: str) -> bytes | None:
        """Return a kept picture, None if there is none of that name."""
        known = {photo.file for photo in self.data.photos.values()}
        return (self._pictures / name).read_bytes() if name in known else None

    def posts_of(self, page: str) -> list[Post]:
        """Return a Page's visible posts, newest first."""
        posts = [p for p in self.data.posts.values() if p.page == page and not p.deleted]
        return sorted(posts, key=lambda post: (post.created, post.id), reverse=True)

    def note_receipt(self, page: str, edge: str, message: str, result: str) -> None:
        """Remember a request to publish."""
        self.data.receipts.append(
            Receipt(at=time.time(), page=page, edge=edge, message=message, result=result)
        )
        self.save()

    def note_call(self, method: str, path: str, status: int) -> None:
        """Remember a request; only the last ones are kept."""
        self.calls.append(Call(at=time.time(), method=method, path=path, status=status))
        del self.calls[:-CALLS_KEPT]
