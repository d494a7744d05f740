"""The sample bank as a whole: any table on any day."""

from __future__ import annotations

from fenceng.sample.accounts import Balances, build_accounts
from fenceng.sample.appraisals import feedback_frame, score_frame
from fenceng.sample.campaigns import campaign_frame, member_frame
from fenceng.sample.cards import build_cards, card_frame
from fenceng.sample.columns import Frame
from fenceng.sample.custody import brokerage_frame
from fenceng.sample.days import day_number
from fenceng.sample.events import CardTransactions, Visits, contribution_frame, statement_frame
from fenceng.sample.lending import credit_line_frame, loan_frame
from fenceng.sample.organisation import build_organisation, build_staff
from fenceng.sample.people import BOOKS_BEGIN, build_people
from fenceng.sample.prospects import prospect_frame
from fenceng.sample.rates import fx_rate_frame
from fenceng.sample.relationships import relationship_frame
from fenceng.sample.results import Results
from fenceng.sample.services import customer_link_frame, service_frame
from fenceng.sample.streams import Streams


class SampleBank:
    """A bank that is a function of its seed and its number of customers.

    `last` only sets how far the arrays reach: a later one changes no row of an earlier day.
    """

    def __init__(self, customers: int, last: int, seed: int) -> None:
        """Build the bank up to day number `last`; ValueError for a bank that is too small."""
        if last < day_number(BOOKS_BEGIN):
            raise ValueError(f"the sample bank's books begin on {BOOKS_BEGIN}")
        streams = Streams(seed)
        self.streams = streams
        self.organisation = build_organisation(customers)
        self.staff = build_staff(self.organisation, customers, streams)
        self.people = build_people(customers, last, self.organisation, streams)
        self._balances = Balances(self.people, build_accounts(self.people))
        self._cards = build_cards(self.people)
        self._deposits = self._balances.base_deposits()
        self._transactions = CardTransactions(self.people, self._cards)
        self._visits = Visits(self.people, self.staff, self._deposits)
        self._results = Results(self.people, self._deposits)

    def snapshot(self, table: str, day: int) -> Frame:
        """Return a snapshot table at the close of a day; ValueError for any other table."""
        match table:
            case "customer":
                return self.people.frame(day)
            case "corporate_profile":
                return self.people.profile_frame(day)
            case "account":
                return self._balances.frame(day)
            case "loan":
                return loan_frame(self.people, day)
            case "credit_line":
                return credit_line_frame(self.people, day)
            case "card":
                return card_frame(self.people, self._cards, day)
            case "brokerage":
                return brokerage_frame(self.people, day)
            case "organization":
                return self.organisation.frame()
            case "employee":
                return self.staff.frame(day)
            case "relationship":
                return relationship_frame(self.people, self.staff, day)
            case "fx_rate":
                return fx_rate_frame(day, self.streams)
            case "service":
                return service_frame(self.people, day)
            case "customer_link":
                return customer_link_frame(self.people, day)
            case "prospect":
                return prospect_frame(self.people, day)
            case "reported_metric":
                return self._results.metric_frame(day)
            case "target":
                return self._results.target_frame(day)
            case "appraisal_score":
                return score_frame(self.staff, day)
            case "campaign":
                return campaign_frame(self.people, day)
            case "campaign_member":
                return member_frame(self.people, day)
        raise ValueError(f"the sample bank has no snapshot table {table}")

    def events(self, table: str, first: int, last: int) -> Frame | None:
        """Return an event table's rows of the days first..last; None if there can't be any."""
        match table:
            case "card_transaction":
                return self._transactions.frame(first, last)
            case "visit":
                return self._visits.frame(first, last)
            case "financial_statement":
                return statement_frame(self.people, first, last)
            case "contribution":
                return contribution_frame(self.people, self._deposits, first, last)
            case "appraisal_feedback":
                return feedback_frame(self.staff, first, last)
        raise ValueError(f"the sample bank has no event table {table}")
