"""What the pages share: texts in both languages, and the hash by which a script is allowed."""

from __future__ import annotations

import base64
import hashlib

from markupsafe import Markup, escape

from orchestration.report.labels import Text


def script_hash(script: str) -> str:
    """The hash of a script, as a content security policy names it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def shown(text: Text) -> Markup:
    """A text in both languages; the page shows the one that is chosen."""
    if text.en == text.zh:
        return escape(text.en)
    return Markup('<span lang="en">{}</span><span lang="zh">{}</span>').format(text.en, text.zh)
