"""Templates filled in: the report as a page and as Markdown, and a comparison."""

import re
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from bench.markdown_text import code, line
from bench.shown import Picture, Table


def render(template: str, **values: Any) -> str:
    """The template of this name in `bench/templates` with these values, which are escaped where it is a page.

    Raises jinja2's UndefinedError where the template asks for another value.
    """
    environment = Environment(
        loader=PackageLoader("bench"),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"marked": _marked, "line": line, "code": code}
    environment.tests["table"] = lambda block: isinstance(block, Table)
    environment.tests["picture"] = lambda block: isinstance(block, Picture)
    return environment.get_template(template).render(values)


def _marked(text: str) -> Markup:
    """Escaped, with what stands between backticks as code."""
    return Markup(re.sub(r"`([^`]*)`", r"<code>\1</code>", str(escape(text))))
