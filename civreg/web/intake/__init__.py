"""Yêu cầu của gia đình: the pages on which a family asks for a home visit, on a phone, without an account.

A request (yêu cầu) is a wish, not yet a dossier: the commune promises a call, the law's clock starts later.
What holds: one short question a page, each answer kept at once in a sealed draft; "Quay lại" loses nothing; the last
POST works from its body alone and makes one request however often it is sent; every refusal shows the same page
with everything still in it. Which questions a service asks is data of the catalogue.
It does not decide whether a request is good: rules of cases and checks of procedures do.
"""

from civreg.web.intake.keeping import init_blueprint
from civreg.web.intake.pages import blueprint

init_blueprint(blueprint)

__all__ = ["blueprint"]
