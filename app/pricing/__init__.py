"""What does an answer cost? Usage and model in, US dollars out. Pure; each model is looked up once."""

from app.pricing.library import preload
from app.pricing.prices import Prices, is_free
from app.pricing.tariffs import ListedTariff, Tariff, settled

__all__ = ["ListedTariff", "Prices", "Tariff", "is_free", "preload", "settled"]
