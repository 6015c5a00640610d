"""The accounts, journals and line labels that the sample companies use (French PCG)."""

from typing import Final

ACCOUNTS: Final[dict[str, str]] = {
    "101000": "Capital social",
    "120000": "Résultat de l'exercice",
    "164000": "Emprunts auprès des établissements de crédit",
    "215400": "Matériel industriel",
    "401000": "Fournisseurs",
    "403000": "Fournisseurs - Effets à payer",
    "404000": "Fournisseurs d'immobilisations",
    "411000": "Clients",
    "413000": "Clients - Effets à recevoir",
    "416000": "Clients douteux ou litigieux",
    "419100": "Clients - Avances et acomptes reçus",
    "421000": "Personnel - Rémunérations dues",
    "431000": "Sécurité sociale",
    "437000": "Autres organismes sociaux",
    "445510": "TVA à décaisser",
    "445620": "TVA déductible sur immobilisations",
    "445660": "TVA déductible sur autres biens et services",
    "445670": "Crédit de TVA à reporter",
    "445710": "TVA collectée",
    "491000": "Dépréciations des comptes de clients",
    "471000": "Compte d'attente",
    "511500": "Cartes bancaires à encaisser",
    "512000": "Banque",
    "512100": "Livret",
    "580000": "Virements internes",
    "606100": "Fournitures non stockables",
    "607000": "Achats de marchandises",
    "611000": "Sous-traitance générale",
    "613200": "Locations immobilières",
    "624100": "Transports sur achats",
    "627000": "Services bancaires et assimilés",
    "641100": "Salaires et appointements",
    "645100": "Cotisations à l'URSSAF",
    "661100": "Intérêts des emprunts",
    "665000": "Escomptes accordés",
    "666000": "Pertes de change",
    "681740": "Dotations aux dépréciations des créances",
    "706000": "Prestations de services",
    "707000": "Ventes de marchandises",
    "708500": "Ports et frais accessoires facturés",
    "766000": "Gains de change",
    "768000": "Autres produits financiers",
}
"""Account number → name. Numbers have six digits; a company that uses eight pads them with zeros."""

ACCOUNT_CODES: Final = tuple(ACCOUNTS)
ACCOUNT_INDEX: Final = {code: index for index, code in enumerate(ACCOUNT_CODES)}

RECEIVABLE: Final = ("411000", "413000", "416000", "419100")
PAYABLE: Final = ("401000", "403000", "404000")
THIRD_PARTY: Final = RECEIVABLE + PAYABLE

OPENING, SALES, PURCHASES, BANK, MISCELLANEOUS = range(5)
"""Journals, in the order in which a day's entries are numbered."""

LABELS: Final = (
    "Report à nouveau",
    "Facture",
    "Avoir",
    "Facture d'acompte",
    "Virement",
    "Remise de chèque",
    "Prélèvement",
    "Rejet de prélèvement",
    "Effet accepté",
    "Effet encaissé",
    "Passage en douteux",
    "Facture fournisseur",
    "Avoir fournisseur",
    "Règlement fournisseur",
    "Chèque émis",
    "Effet à payer",
    "Effet payé",
    "Ventes comptoir",
    "Remise cartes bancaires",
    "Paie du mois",
    "Paiement des salaires",
    "Cotisations sociales",
    "Déclaration de TVA",
    "Paiement de la TVA",
    "Frais bancaires",
    "Échéance d'emprunt",
    "Encaissement à identifier",
    "Encaissement identifié",
    "Annulation de saisie",
    "Chèque impayé",
    "Escompte accordé",
    "Différence de change",
    "Annulation de chèque",
    "Virement retourné",
    "Virement interne",
    "Intérêts créditeurs",
)

LABEL_INDEX: Final = {label: index for index, label in enumerate(LABELS)}

ITEM_TYPES: Final = ("other", "invoice", "credit_note", "payment", "advance", "transfer", "write_off")
ITEM_TYPE_INDEX: Final = {name: index for index, name in enumerate(ITEM_TYPES)}
