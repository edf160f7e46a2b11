"""What a customer will buy next, learned from order lines."""

from models.baskets.errors import ColumnsMissing, NoPurchases
from models.baskets.evidence import Candidate, Source
from models.baskets.recommender import BasketRecommender

__all__ = ["BasketRecommender", "Candidate", "ColumnsMissing", "NoPurchases", "Source"]
