"""What each number means: read from the code that makes it, without asking the lake."""

from __future__ import annotations

from typing import Any

import param

from app.models.base import PageModel
from data_layer.measures import TOPICS, Explanation, explanations


class MethodModel(PageModel):
    """The explanations, and the topic a link names. They need no data: the page stands on an empty lake too."""

    explanations = param.List(default=[], item_type=Explanation, doc="Every measure in words, in order.")
    topic = param.String(default="", doc="Topic that is brought into view; empty for none.")
    unknown = param.String(default="", doc="Topic of the link there is none of; empty when there is.")

    inputs = ("topic", "method_text")

    def _ask(self) -> dict[str, Any]:
        wanted = self.state.topic
        topic = TOPICS.get(wanted, "")
        return {"explanations": list(explanations()), "topic": topic, "unknown": "" if topic else wanted}
