"""Người liên quan: write people, open and seal what is personal."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.cases.models import Party
from civreg.cases.rules import PersonForm
from civreg.shared import crypto
from civreg.shared.database import new_id
from civreg.shared.partial_date import PartialDate
from civreg.shared.text import fold, fold_joined, sort_key_vi

KINH = "kinh"


def add_party(session: Session, case_id: UUID, person: PersonForm, *, phone: str = "") -> Party:
    """Write one person of a case."""
    party = Party(
        id=new_id(), case_id=case_id, role=person.role, ordinal=person.ordinal, nationality="Việt Nam"
    )
    party.sealed_ethnic_group = party.sealed_phone = party.sealed_personal_number = ""
    party.residence, party.relation = person.residence, person.relation
    party.sex, party.marriage_ordinal = person.sex, person.marriage_ordinal
    set_name(party, person.full_name)
    set_birth(party, person.birth)
    set_ethnic_group(party, person.ethnic_group)
    set_phone(party, phone)
    session.add(party)
    return party


def set_name(party: Party, full_name: str) -> None:
    """Set a name with the keys it is found and sorted by."""
    party.full_name = full_name
    party.folded, party.joined = fold(full_name), fold_joined(full_name)
    party.sort_key = sort_key_vi(full_name)


def set_birth(party: Party, birth: PartialDate) -> None:
    """Set the day of birth as far as it is known."""
    party.birth_year, party.birth_month, party.birth_day = birth.year, birth.month, birth.day
    party.birth_precision = birth.precision


def birth_of(party: Party) -> PartialDate:
    """Return the day of birth as far as it is known."""
    if party.birth_year is None:
        return PartialDate(precision="unknown")
    precision = "about" if party.birth_precision == "about" else "known"
    return PartialDate(
        party.birth_year,
        party.birth_month,
        party.birth_day,
        precision="about" if precision == "about" else "known",
    )


def set_ethnic_group(party: Party, ethnic_group: str) -> None:
    """Seal the ethnic group; statistics keep only whether it is Kinh."""
    party.sealed_ethnic_group = crypto.seal(ethnic_group, "party", party.id, "sealed_ethnic_group")
    party.is_kinh = fold(ethnic_group) == KINH if ethnic_group else None


def set_phone(party: Party, phone: str) -> None:
    """Seal a phone number and keep its blind index."""
    party.sealed_phone = crypto.seal(phone, "party", party.id, "sealed_phone")
    party.phone_index = crypto.blind(phone, "phone") if phone else None


def set_personal_number(party: Party, number: str) -> None:
    """Seal a personal number (số định danh) and keep its blind index."""
    party.sealed_personal_number = crypto.seal(number, "party", party.id, "sealed_personal_number")
    party.personal_number_index = crypto.blind(number, "personal_number") if number else None


def as_form(party: Party) -> PersonForm:
    """Return a person as stated, to be written down again for another case of the family."""
    return PersonForm(
        party.role,
        party.full_name,
        birth=birth_of(party),
        sex="female" if party.sex == "female" else "male" if party.sex == "male" else None,
        ethnic_group=crypto.unseal(party.sealed_ethnic_group, "party", party.id, "sealed_ethnic_group"),
        residence=party.residence,
        relation=party.relation,
        marriage_ordinal=party.marriage_ordinal,
        ordinal=party.ordinal,
    )


def parties_of(session: Session, case_id: UUID) -> list[Party]:
    """Return the people of a case."""
    return list(
        session.scalars(select(Party).where(Party.case_id == case_id).order_by(Party.role, Party.ordinal))
    )


def main_party(parties: list[Party], occasion: str) -> Party | None:
    """Return the person a registration is about: the child, the deceased, the groom."""
    role = {"birth": "child", "death": "deceased", "marriage": "groom"}.get(occasion, "requester")
    return next((party for party in parties if party.role == role), None)
