"""Customer files of CRMs and shops become customers, once each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm_store.erasing.rows import erase_customer
from crm_store.errors import ImportRefused
from crm_store.importing import ImportReport, import_file
from crm_store.tables import Customer
from tests.factories import NOW, make_customer, make_shop

Import = Callable[..., ImportReport]


@pytest.fixture
def take(session: Session, tmp_path: Path) -> Import:
    make_shop(session, country="GB")

    def take(text: str, **options: object) -> ImportReport:
        path = tmp_path / "customers.csv"
        path.write_text(text, encoding="utf-8")
        return import_file(session, "customers", path, now=NOW, **options)

    return take


def only(session: Session) -> Customer:
    return session.scalars(select(Customer)).one()


def test_a_bike_shops_customers_keep_everything_that_was_known(session: Session, take: Import) -> None:
    report = take(
        "CustomerKey,Prefix,FirstName,LastName,BirthDate,MaritalStatus,Gender,EmailAddress,AnnualIncome,TotalChildren,"
        "EducationLevel,Occupation,HomeOwner\n"
        "11000,MS.,ADA,O'NEILL,1966-04-08,M,F,Ada24@example.com,90000.0,2,Bachelors,Professional,Y\n"
    )
    assert (report.created, report.bad) == (1, [])
    ada = only(session)
    assert (ada.external_id, ada.name, ada.email) == ("11000", "Ada O'Neill", "ada24@example.com")
    assert (ada.gender, ada.birth_date, ada.income) == ("female", date(1966, 4, 8), Decimal("90000.00"))
    assert ada.attributes == {
        "prefix": "MS.",
        "marital_status": "M",
        "total_children": "2",
        "education_level": "Bachelors",
        "occupation": "Professional",
        "home_owner": "Y",
    }


@pytest.mark.parametrize(
    ("text", "name", "phone"),
    [
        (
            "Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Create Date\n"
            "51,Ada,Okafor,ada@example.com,+44 20 7946 0001,Sam Lee,2025-03-01 09:30\n",
            "Ada Okafor",
            "+442079460001",
        ),
        (
            "Id,IsDeleted,LastName,FirstName,Name,Street,City,PostalCode,Country,Phone,MobilePhone,Email,OwnerId\n"
            "00Q1,false,李,雷,雷 李,,,,CN,,138 0013 8000,ada@example.com,\n",
            "李雷",
            "+8613800138000",
        ),
        (
            "Record Id,Contact Owner.id,First Name,Last Name,Email,Phone,Mobile,Date of Birth,Contact Name,"
            "Email Opt Out\n"
            "zcrm_2,,,,ada@example.com,020 7946 0001,,1988-02-11,Ada Okafor,false\n",
            "Ada Okafor",
            "+442079460001",
        ),
    ],
)
def test_the_exports_of_crms_are_understood(session: Session, take: Import, text: str, name: str, phone: str) -> None:
    report = take(text)
    assert (report.created, report.bad) == (1, [])
    customer = only(session)
    assert (customer.name, customer.phone, customer.email) == (name, phone, "ada@example.com")
    assert "contact_owner" not in customer.attributes
    again = take(text)
    assert (again.unchanged, again.created, again.updated) == (1, 0, 0)


def test_every_bad_row_is_named_and_the_good_ones_are_kept(session: Session, take: Import) -> None:
    report = take(
        "customer_id,name,email,phone,birthday,income\n"
        "1,Ada,ada@example.org,,,\n"
        "2,Bob,bob at example,,,\n"
        "3,Cy,,12,,\n"
        "4,Di,,,1990-02-30,\n"
        "5,Ed,,,2090-01-01,\n"
        "6,Flo,,,,lots\n"
        ",Gus,,,,\n"
        "1,Ada again,,,,\n"
        '8,Hal,,,31/12/1980,"$45,000"\n'
    )
    assert [(bad.row, bad.column) for bad in report.bad] == [
        (3, "email"),
        (4, "phone"),
        (5, "birthday"),
        (6, "birthday"),
        (7, "income"),
        (8, "customer_id"),
        (9, "customer_id"),
    ]
    assert all(bad.reason for bad in report.bad)
    hal = session.scalars(select(Customer).where(Customer.external_id == "8")).one()
    assert (hal.birth_date, hal.income) == (date(1980, 12, 31), Decimal("45000.00"))
    assert report.read == report.created + len(report.bad) == 9


def test_who_ordered_by_chat_before_is_not_made_twice(session: Session, take: Import) -> None:
    ada = make_customer(session, name="Ada", email="ada@example.org", phone="+442079460001")
    report = take("customer_id,email,city\n77,ADA@example.org,Leeds\n")
    session.refresh(ada)
    assert (report.updated, ada.external_id, ada.address) == (1, "77", "Leeds")
    assert (ada.name, ada.phone) == ("Ada", "+442079460001")


def test_two_customers_who_share_an_address_stay_two(session: Session, take: Import) -> None:
    text = "customer_id,email\n1,home@example.org\n2,home@example.org\n"
    assert take(text).created == 2
    assert take(text).unchanged == 2


def test_a_blank_cell_takes_nothing_away(session: Session, take: Import) -> None:
    take("customer_id,name,email,job\n1,Ada,ada@example.org,pilot\n")
    report = take("customer_id,name,email,job\n1,,,\n")
    assert report.unchanged == 1
    assert (only(session).name, only(session).attributes) == ("Ada", {"job": "pilot"})


def test_an_erased_customer_does_not_come_back(session: Session, take: Import) -> None:
    text = "customer_id,name,email\n1,Ada,ada@example.org\n"
    take(text)
    erase_customer(session, only(session).id, NOW)
    report = take(text)
    assert [bad.reason for bad in report.bad] == ["was erased at the customer's own wish"]
    assert only(session).name is None


def test_an_opt_out_in_the_file_counts(session: Session, take: Import) -> None:
    take("id,email,Email Opt Out\n1,ada@example.org,true\n")
    assert only(session).opted_out_at == NOW


def test_a_dry_run_writes_nothing(session: Session, take: Import) -> None:
    report = take("id,email\n1,ada@example.org\n2,bad\n", dry_run=True)
    assert (report.created, len(report.bad)) == (1, 1)
    assert session.scalar(select(func.count(Customer.id))) == 0


def test_a_file_that_names_no_customer_is_refused(take: Import) -> None:
    with pytest.raises(ImportRefused, match="external_id or email or phone"):
        take("Deal Name,Amount\nA,1\n")


def test_deals_are_not_taken_for_customers(take: Import) -> None:
    with pytest.raises(ImportRefused, match="no column for email or phone"):
        take("Record ID,Deal Name,Amount\n7001,Laptops,12500.00\n")
