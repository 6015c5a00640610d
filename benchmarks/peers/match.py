"""Other ways to match at work: ``python match.py PEER FOLDER`` writes ``FOLDER/found.parquet``, prints a line of JSON.

Run by the benchmark ``matching`` in an environment of their own, so it imports nothing of Encours. FOLDER holds
``lines.parquet``, ``items.parquet`` and ``customers.parquet`` as ``benchmarks.matching.bulk`` makes them; what is
found has the columns line and item. Imports are no part of the time.
"""

import json
import logging
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pandas as pd

Match = Callable[[pd.DataFrame, pd.DataFrame, pd.DataFrame], pd.DataFrame]
"""Of lines, items and customers, the pairs found: line, item."""


def with_pandas() -> Match:
    """Merges: the documents quoted where they add up, then known account and amount where both are alone."""

    def match(lines: pd.DataFrame, items: pd.DataFrame, customers: pd.DataFrame) -> pd.DataFrame:
        quoted = lines["text"].str.extractall(r"(?P<document_ref>FA[0-9]{8})").droplevel(1)
        quoted = lines[["line", "cents"]].join(quoted, how="inner")
        named = quoted.merge(
            items[["item", "document_ref", "cents"]], on="document_ref", suffixes=("", "_owed")
        )
        sums = named.groupby("line")["cents_owed"].transform("sum")
        by_reference = named.loc[sums == named["cents"], ["line", "item"]]

        left = lines[~lines["line"].isin(by_reference["line"])].merge(
            customers[["customer", "iban"]], on="iban"
        )
        owed = items.loc[~items["item"].isin(by_reference["item"]), ["item", "customer", "cents"]]
        equal = left.merge(owed, on=["customer", "cents"])
        is_alone = ~equal["line"].duplicated(keep=False) & ~equal["item"].duplicated(keep=False)
        return pd.concat([by_reference, equal.loc[is_alone, ["line", "item"]]])

    return match


def with_splink() -> Match:
    """Fellegi and Sunter's weights of pairs that share a document number, or account and amount; probability 0.5."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    def match(lines: pd.DataFrame, items: pd.DataFrame, customers: pd.DataFrame) -> pd.DataFrame:
        payments = pd.DataFrame(
            {
                "unique_id": lines["line"],
                "document_ref": lines["text"].str.extract(r"(FA[0-9]{8})", expand=False),
                "iban": lines["iban"],
                "name": lines["name"],
                "cents": lines["cents"],
            }
        )
        owners = items.merge(customers, on="customer")
        documents = pd.DataFrame(
            {
                "unique_id": owners["item"],
                "document_ref": owners["document_ref"],
                "iban": owners["iban"],
                "name": owners["name"],
                "cents": owners["cents"],
            }
        )
        blocks = [block_on("document_ref"), block_on("iban", "cents")]
        settings = SettingsCreator(
            link_type="link_only",
            comparisons=[
                cl.ExactMatch("document_ref"),
                cl.ExactMatch("iban"),
                cl.JaroWinklerAtThresholds("name", [0.9]),
                cl.ExactMatch("cents").configure(term_frequency_adjustments=True),
            ],
            blocking_rules_to_generate_predictions=blocks,
            probability_two_random_records_match=1.0 / len(documents),
        )
        api = DuckDBAPI()
        linker = Linker([api.register(payments), api.register(documents)], settings)
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
        linker.training.estimate_parameters_using_expectation_maximisation(block_on("document_ref"))
        linker.training.estimate_parameters_using_expectation_maximisation(block_on("iban", "cents"))
        predicted = linker.inference.predict(threshold_match_probability=0.5).as_pandas_dataframe()
        return pd.DataFrame({"line": predicted["unique_id_l"], "item": predicted["unique_id_r"]})

    return match


def main(peer: str, folder: Path) -> None:
    """Match, and print what it cost."""
    logging.disable(logging.CRITICAL)
    match = globals()[f"with_{peer}"]()
    tables = [pd.read_parquet(folder / f"{name}.parquet") for name in ("lines", "items", "customers")]
    started = time.perf_counter()
    found = match(*tables)
    seconds = time.perf_counter() - started
    found.to_parquet(folder / "found.parquet")
    measured = {
        "name": f"{peer} {version(peer)}",
        "seconds": seconds,
        "megabytes": _peak_kilobytes() / 1024,
    }
    print(json.dumps(measured))


def _peak_kilobytes() -> int:
    """The highest memory of this process so far; Linux tells it apart from what the parent held."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise OSError("the system does not tell the highest memory of a process")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
