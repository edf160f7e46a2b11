"""Imports customers: matched by the key of the shop's own files, else by e-mail address or phone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from crm_store.contacts import valid_email, valid_phone
from crm_store.errors import InvalidEmail, InvalidPhone
from crm_store.importing.columns import Columns, recognise, require, snake_case
from crm_store.importing.report import ImportReport, RowRefused
from crm_store.importing.sheets import Sheet
from crm_store.importing.values import DateReader, money, whole_number, yes_or_no
from crm_store.shop import ensure_shop
from crm_store.tables import Customer
from crm_store.text import one_line

ALIASES: Mapping[str, Sequence[str]] = {
    "external_id": (
        "customerkey", "customerid", "externalid", "recordid", "contactid", "leadid", "customernumber",
        "customerno", "id", "客户编号",
    ),
    "first_name": ("firstname", "givenname", "forename", "billingfirstname", "名"),
    "last_name": ("lastname", "surname", "familyname", "billinglastname", "姓"),
    "name": (
        "name", "fullname", "customername", "contactname", "leadname", "displayname", "billingname", "姓名",
    ),
    "email": ("email", "emailaddress", "customeremail", "billingemail", "mail", "邮箱", "电子邮件"),
    "phone": ("phone", "phonenumber", "telephone", "customerphone", "billingphone", "tel", "电话"),
    "mobile": ("mobile", "mobilephone", "mobilenumber", "mobilephonenumber", "cell", "cellphone", "手机"),
    "address": (
        "address", "street", "streetaddress", "address1", "addressline1", "mailingstreet", "billingaddress1",
        "defaultaddressaddress1", "地址",
    ),
    "city": ("city", "town", "mailingcity", "billingcity", "defaultaddresscity", "城市"),
    "state": (
        "state", "province", "stateprovince", "mailingstate", "billingstate", "defaultaddressprovincecode",
    ),
    "postcode": ("postcode", "postalcode", "zip", "zipcode", "mailingzip", "billingpostcode", "defaultaddresszip"),
    "country": (
        "country", "countryregion", "mailingcountry", "billingcountry", "defaultaddresscountrycode", "国家",
    ),
    "region": ("region", "territory", "salesterritory", "地区"),
    "gender": ("gender", "sex", "性别"),
    "birth_date": ("birthdate", "dateofbirth", "birthday", "dob", "出生日期"),
    "income": ("annualincome", "income", "yearlyincome", "householdincome", "年收入"),
    "household_size": ("householdsize", "householdmembers"),
    "language": ("language", "locale", "preferredlanguage"),
    "opted_out": ("emailoptout", "hasoptedoutofemail", "optout", "optedout", "unsubscribed"),
}  # fmt: skip
_OF_A_PERSON = (
    "email", "phone", "mobile", "name", "first_name", "last_name", "birth_date", "gender", "income", "address",
)  # fmt: skip
_ADDRESS = ("address", "city", "state", "postcode", "country")
_GENDERS = {"m": "male", "male": "male", "男": "male", "f": "female", "female": "female", "女": "female"}
_NOT_AN_ATTRIBUTE = re.compile(
    r"(^|_)(id|key|url)$|^(is_deleted|created|modified|converted|last_|photo)|_by$"
    r"|^(contact|lead|account|record|deal)_owner"
)
_LONGEST_ATTRIBUTE = 200


def import_customers(
    session: Session,
    sheet: Sheet,
    report: ImportReport,
    mapping: Mapping[str, str] | None,
    now: datetime,
    progress: Callable[[int], None],
) -> None:
    """Read the rows of a customer file into the store, in bulk."""
    columns = recognise(sheet, ALIASES, mapping)
    require(sheet, columns, ALIASES, ("external_id", "email", "phone", "mobile"))
    require(sheet, columns, ALIASES, _OF_A_PERSON)  # a key alone may be of a deal or a product
    report.mapped = columns.mapped
    reader = _RowReader(session, sheet, columns, now)
    known = _Known(session)
    new: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    outcomes: Counter[str] = Counter()
    for line, cells in sheet.rows():
        report.read += 1
        try:
            values = reader.values(cells)
            current = known.find(values, line)
        except RowRefused as refusal:
            report.refuse(line, refusal)
            continue
        if current is None:
            new.append({**_EMPTY, "created_at": now, **values})
            outcomes["created"] += 1
        elif difference := _difference(current, values):
            current.update(difference)
            changed.append(current)
            outcomes["updated"] += 1
        else:
            outcomes["unchanged"] += 1
        progress(report.read)
    if new:
        session.execute(insert(Customer), new)
    if changed:
        session.execute(update(Customer), changed)
    session.expire_all()
    report.count(outcomes)


_STORED = (
    "external_id", "name", "email", "phone", "address", "region", "gender", "birth_date", "income",
    "household_size", "language", "opted_out_at", "attributes",
)  # fmt: skip
_EMPTY: dict[str, Any] = {**dict.fromkeys(_STORED), "attributes": {}}


def _difference(current: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """What the file says and the store does not; a blank cell takes nothing away."""
    wanted = {name: value for name, value in values.items() if value is not None}
    wanted["attributes"] = {**current["attributes"], **values["attributes"]}
    if current["opted_out_at"] is not None:
        wanted.pop("opted_out_at", None)  # the first time is the one that counts
    return {name: value for name, value in wanted.items() if current[name] != value}


class _Known:
    """The customers in the store, and the keys this file has used so far."""

    def __init__(self, session: Session) -> None:
        table = Customer.__table__
        rows = session.execute(select(*(table.c[name] for name in ("id", "erased_at", *_STORED))).order_by(table.c.id))
        self._by_key: dict[tuple[str, str], dict[str, Any]] = {}
        self._line_of: dict[tuple[str, str], int] = {}
        for row in rows:
            customer = dict(row._mapping)
            for key in self._keys(customer):
                self._by_key.setdefault(key, customer)

    @staticmethod
    def _keys(customer: Mapping[str, Any]) -> list[tuple[str, str]]:
        """How a customer is recognised, the surest key first."""
        named = [(name, customer[name]) for name in ("external_id", "email", "phone")]
        return [(name, value.lower()) for name, value in named if value]

    def find(self, values: dict[str, Any], line: int) -> dict[str, Any] | None:
        """The stored customer that a row is about; raises RowRefused for a row that cannot be told or is double."""
        keys = self._keys(values)
        if not keys:
            raise RowRefused("external_id", "", "there is no key, e-mail address or phone to know the customer by")
        field, value = keys[0]
        if keys[0] in self._line_of:
            raise RowRefused(field, value, f"is the same customer as in row {self._line_of[keys[0]]}")
        for key in keys:
            self._line_of.setdefault(key, line)
        for key in keys:
            current = self._by_key.get(key)
            # A contact may be shared by two customers that the shop's own files tell apart.
            if current is None or _are_two(current, values):
                continue
            if current["erased_at"] is not None:
                raise RowRefused(field, value, "was erased at the customer's own wish")
            return current
        return None


def _are_two(current: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    ids = current["external_id"], values["external_id"]
    return all(ids) and ids[0] != ids[1]


class _RowReader:
    """Turns the cells of a row into the columns of a customer."""

    def __init__(self, session: Session, sheet: Sheet, columns: Columns, now: datetime) -> None:
        shop = ensure_shop(session)
        self._columns = columns
        self._country = shop.country
        self._now = now
        self._dates = DateReader(
            (columns.cell(cells, "birth_date") for _, cells in sheet.rows() if "birth_date" in columns),
            country=shop.country,
            zone=ZoneInfo(shop.timezone),
        )
        self._attributes = [
            (position, name)
            for position, column in columns.left_over
            if (name := snake_case(column)) and not _NOT_AN_ATTRIBUTE.search(name)
        ]

    def values(self, cells: Sequence[str]) -> dict[str, Any]:
        """The row as columns, None where it says nothing; raises RowRefused."""
        self._columns.check_width(cells)
        said = {field: self._columns.cell(cells, field) for field in ALIASES}
        address = ", ".join(said[field] for field in _ADDRESS if said[field])
        return {
            "external_id": self._key(said["external_id"]),
            "name": _full_name(said),
            "email": self._email(said["email"]),
            "phone": self._phone(said),
            "address": one_line(address, 500),
            "region": one_line(said["region"] or said["state"], 80),
            "gender": one_line(_GENDERS.get(said["gender"].lower(), said["gender"].lower()), 20),
            "birth_date": self._birth_date(said["birth_date"]),
            "income": money(said["income"], "income") if said["income"] else None,
            "household_size": whole_number(said["household_size"], "household_size")
            if said["household_size"]
            else None,
            "language": said["language"].replace("_", "-").split("-")[0].lower()[:8] or None,
            "opted_out_at": self._now if yes_or_no(said["opted_out"], "opted_out") else None,
            "attributes": self._further(cells),
        }

    def _key(self, text: str) -> str | None:
        if len(text) > 64:
            raise RowRefused("external_id", text, "is longer than 64 characters")
        return text or None

    def _email(self, text: str) -> str | None:
        try:
            return valid_email(text) if text else None
        except InvalidEmail as error:
            raise RowRefused("email", text, str(error.facts["reason"])) from error

    def _phone(self, said: Mapping[str, str]) -> str | None:
        field = "phone" if said["phone"] else "mobile"
        if not (text := said[field]):
            return None
        country = said["country"].upper()
        try:
            return valid_phone(text, country if re.fullmatch("[A-Z]{2}", country) else self._country)
        except InvalidPhone as error:
            raise RowRefused(field, text, "is not a phone number that can be called") from error

    def _birth_date(self, text: str) -> Any:
        if not text:
            return None
        day = self._dates.day(text, "birth_date")
        if day > self._now.date():
            raise RowRefused("birth_date", text, "is in the future")
        return day

    def _further(self, cells: Sequence[str]) -> dict[str, str]:
        read = ((name, self._columns.at(cells, position)) for position, name in self._attributes)
        return {name: value for name, value in read if value and len(value) <= _LONGEST_ATTRIBUTE}


def _full_name(said: Mapping[str, str]) -> str | None:
    first, last = said["first_name"], said["last_name"]
    # Chinese names go family name first, without a space.
    chinese = re.fullmatch(r"[\u4e00-\u9fff]+", first + last)
    name = last + first if chinese and first else " ".join(part for part in (first, last) if part)
    return one_line(_as_written(name or said["name"]), 200)


def _as_written(name: str) -> str:
    """A name as people write it: "JON O'NEILL" is Jon O'Neill."""
    return re.sub(r"[^\W\d_]+", lambda word: word.group().capitalize(), name) if name.isupper() else name
