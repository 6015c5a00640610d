"""Third parties: invented names, with identifiers whose check digits are right and whose bank does not exist."""

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt

from samples.days import TERMS, Ints

_TRADES: Final = (
    "Menuiserie", "Imprimerie", "Boulangerie", "Transports", "Garage", "Pharmacie", "Hôtel", "Électricité",
    "Maçonnerie", "Brasserie", "Librairie", "Pépinières", "Fromagerie", "Plomberie", "Ateliers", "Clinique", "Cabinet",
    "Château", "Établissements", "Fonderie", "Serrurerie", "Coopérative", "Conserverie", "Verrerie",
)  # fmt: skip
_NAMES: Final = (
    "Brumaire", "Aubépine", "Hirondelle", "Noisetier", "Séquoia", "Galène", "Martin", "Lefèvre", "Garçon", "Dubœuf",
    "Beauchêne", "Clairval", "Fontanelle", "Grandpré", "Joliette", "Kerouan", "Lumière", "Montfleury", "Nérac",
    "Orvanne", "Perce-Neige", "Quatre-Vents", "Roche & Fils", "Saint-Élix", "Tournesol", "Vallorbe", "Côte d'Or",
    "L'Épine", "Ségalas", "Bouchard", "Marchand", "Renaudin", "Chèvrefeuille", "Mésange", "Pommier", "Fauvel",
    "Thibault", "Corbières",
)  # fmt: skip
_TOWNS: Final = (
    "", "Nantes", "Angers", "Besançon", "Nîmes", "Orléans", "Évreux", "Béziers", "Chalon", "Dole", "Épinal", "Foix",
    "Guéret", "Laval", "Mâcon", "Niort", "Pau", "Quimper", "Rodez", "Saint-Lô", "Tulle", "Vesoul", "Auch", "Blois",
)  # fmt: skip
_PAYERS: Final = (
    "Affacturage du Ponant", "Étude de Maître Vauquelin", "Groupe Orvanne Holding", "Trésorerie générale des Vergers",
    "Cabinet Sérusier, recouvrement", "Compagnie d'affacturage Mélusine", "Holding Fontanelle Participations",
    "SCP Huissiers Ségalas & Brumaire",
)  # fmt: skip
_FORMS: Final = ("SARL", "SAS", "SA", "EURL", "SNC")
_SEGMENTS: Final = ("PME", "ETI", "Grand compte", "Public", "TPE")
_AGENCIES: Final = ("Nantes", "Lyon", "Lille", "Toulouse")
_REPS: Final = ("A. Moreau", "B. Nguyen", "C. Garnier", "D. Lopez", "E. Hervé", "F. Diallo")

LARGEST_COUNT: Final = len(_TRADES) * len(_NAMES) * len(_TOWNS) * len(_FORMS)


@dataclass(frozen=True)
class Parties:
    """The customers of a company, then its suppliers: one row each, in parallel sequences.

    ``shares_iban`` marks those who pay from an account that another third party pays from too.
    """

    customers: int
    codes: list[str]
    names: list[str]
    sirens: list[str]
    ibans: list[str]
    shares_iban: npt.NDArray[np.bool_]
    terms: Ints
    behaviours: Ints
    segments: list[str]
    agencies: list[str]
    reps: list[str]
    credit_limits: Ints

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def suppliers(self) -> int:
        """How many suppliers there are."""
        return len(self) - self.customers


@dataclass(frozen=True)
class Payers:
    """Those who pay in the stead of customers: factors, lawyers, groups."""

    names: list[str]
    ibans: list[str]

    def __len__(self) -> int:
        return len(self.names)


def payers_at(bank: int) -> Payers:
    """The payers that a company sees, with accounts at ``bank``."""
    names = list(_PAYERS)
    return Payers(names, [iban(bank, 90, 20_000_000_000 + number) for number in range(len(names))])


def siren(body: int) -> str:
    """A nine-digit company number: the eight digits of ``body`` and their Luhn digit."""
    digits = f"{body:08d}"
    total = sum(int(c) if i % 2 == 0 else sum(divmod(2 * int(c), 10)) for i, c in enumerate(digits))
    return f"{digits}{-total % 10}"


def vat_number(number: str) -> str:
    """The French VAT number of a company number."""
    return f"FR{(12 + 3 * (int(number) % 97)) % 97:02d}{number}"


def iban(bank: int, branch: int, account: int) -> str:
    """A French IBAN with its RIB key and its ISO 13616 check digits."""
    rib_key = 97 - (89 * bank + 15 * branch + 3 * account) % 97
    bban = f"{bank:05d}{branch:05d}{account:011d}{rib_key:02d}"
    return f"FR{98 - int(bban + '152700') % 97:02d}{bban}"


def _draw_names(rng: np.random.Generator, count: int) -> list[str]:
    parts = list(product(_TRADES, _NAMES, _TOWNS, _FORMS))
    chosen = rng.choice(len(parts), count, replace=False)
    return [" ".join(part for part in parts[i] if part) for i in chosen.tolist()]


def _draw_behaviours(rng: np.random.Generator, count: int, weights: tuple[float, ...]) -> Ints:
    """Behaviours by their weights; the first parties have each of them once, so that small samples show all."""
    known = np.flatnonzero(np.asarray(weights) > 0)
    shares = np.asarray(weights) / sum(weights)
    return np.concatenate([known, rng.choice(len(weights), count, p=shares)])[:count]


def draw_parties(
    rng: np.random.Generator,
    *,
    customers: int,
    suppliers: int,
    code_format: tuple[str, str],
    customer_weights: tuple[float, ...],
    supplier_weights: tuple[float, ...],
    bank: int,
) -> Parties:
    """Customers and suppliers with their identifiers and habits.

    ``code_format`` holds the format of a customer's and of a supplier's code; the weights say how frequent
    each behaviour is; ``bank`` is the bank code of all of their accounts. A few customers of one group share
    an account.
    """
    count = customers + suppliers
    bodies = (99_000_000 + rng.choice(1_000_000, count, replace=False)).tolist()
    accounts = rng.integers(1, 10**10, count).tolist()
    has_iban = (rng.random(count) < 0.85).tolist()
    terms = rng.choice(len(TERMS), count, p=[0.3, 0.13, 0.1, 0.08, 0.09, 0.08, 0.06, 0.1, 0.06])
    ibans = [
        iban(bank, 1 + i % 60, account) if known else ""
        for i, (account, known) in enumerate(zip(accounts, has_iban, strict=True))
    ]
    shares_iban = np.zeros(count, dtype=np.bool_)
    members = rng.permutation(customers)[: max(1, customers // 25) * 2]
    for one, other in members.reshape(-1, 2).tolist():
        ibans[other] = ibans[one]
        shares_iban[[one, other]] = ibans[one] != ""
    return Parties(
        customers=customers,
        codes=[code_format[0].format(i + 1) for i in range(customers)]
        + [code_format[1].format(i + 1) for i in range(suppliers)],
        names=_draw_names(rng, count),
        sirens=[siren(body) for body in bodies],
        ibans=ibans,
        shares_iban=shares_iban,
        terms=terms,
        behaviours=np.concatenate(
            [
                _draw_behaviours(rng, customers, customer_weights),
                _draw_behaviours(rng, suppliers, supplier_weights),
            ]
        ),
        segments=[_SEGMENTS[i] for i in rng.integers(0, len(_SEGMENTS), count).tolist()],
        agencies=[_AGENCIES[i] for i in rng.integers(0, len(_AGENCIES), count).tolist()],
        reps=[_REPS[i] for i in rng.integers(0, len(_REPS), count).tolist()],
        credit_limits=rng.integers(2, 100, count) * 1_000,
    )
