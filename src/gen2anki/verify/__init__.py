"""An edition imported into real Anki, in a throw-away collection: what of it arrives with a learner."""

from gen2anki.verify.report import Report, as_json, as_text
from gen2anki.verify.verification import verify

__all__ = ["Report", "as_json", "as_text", "verify"]
