"""A configuration is read whole or refused whole, with everything that is wrong."""

import base64
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from gateway.configuration import ENVIRONMENT, Configuration, Listener, load
from gateway.errors import ConfigurationRefused
from gateway.messages import Language
from mappings.exposition.demandes import Transaction

MINIMAL = """
[listeners]
soap = { port = 8443 }
fhir = { port = 8444 }
token = { port = 8445 }

[certificates]
server = "server.pem"
server_key = "server.key"
client = "client.pem"
client_key = "client.key"
ca = "ca.pem"

[federation]
document = "federation.json"
crl = ["crl.pem"]

[replica]
url = "sqlite+aiosqlite:///replica.db"
"""
FILES = ("server.pem", "server.key", "client.pem", "client.key", "ca.pem", "federation.json", "crl.pem")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).touch()
    return tmp_path


def loaded(folder: Path, text: str, **environment: str) -> Configuration:
    path = folder / "gateway.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, environment)


def problems(folder: Path, text: str, **environment: str) -> tuple[tuple[str, str, str], ...]:
    with pytest.raises(ConfigurationRefused) as refused:
        loaded(folder, text, **environment)
    return refused.value.problems


def test_defaults(folder: Path) -> None:
    configuration = loaded(folder, MINIMAL)

    assert configuration.deadlines.exchange == 5.0
    assert configuration.limits.body == 1_048_576
    assert configuration.language is Language.FR
    assert configuration.certificates.ca == folder / "ca.pem"
    assert configuration.federation.crl == (folder / "crl.pem",)


EXTRACTION = """
[extraction]
directory = "archives"
listener = { port = 8446 }
"""


def test_the_extraction_is_left_out_or_whole(folder: Path) -> None:
    assert loaded(folder, MINIMAL).extraction is None
    extraction = loaded(folder, MINIMAL + EXTRACTION).extraction
    assert extraction is not None
    assert (extraction.directory, extraction.period) == (folder / "archives", 86_400.0)
    assert [version.value for version in extraction.versions] == ["1.5", "1.6", "2.4", "3.0"]
    assert [profil.value for profil in extraction.profiles] == ["0", "1", "2", "3"]


def test_it_cannot_be_changed(folder: Path) -> None:
    configuration = loaded(folder, MINIMAL)

    with pytest.raises(ValidationError):
        configuration.deadlines.exchange = 60.0


@pytest.mark.parametrize(
    ("added", "problem"),
    [
        (
            EXTRACTION + "perod = 3600",
            (
                "extraction.perod",
                "réglage inconnu, valeur : 3600 ; vouliez-vous dire « period » ?",
                'unknown setting, value: 3600; did you mean "period"?',
            ),
        ),
        (
            EXTRACTION + 'profiles = ["4"]',
            (
                "extraction.profiles",
                "valeur attendue : 0, 1, 2, 3, reçu : ['4']",
                "value expected: 0, 1, 2, 3, got: ['4']",
            ),
        ),
        (
            EXTRACTION + "file_size = 103000000",
            (
                "extraction.file_size",
                "doit être inférieur à 103000000, reçu : 103000000",
                "must be less than 103000000, got: 103000000",
            ),
        ),
        (
            "[deadlines]\nexchnage = 4",
            (
                "deadlines.exchnage",
                "réglage inconnu, valeur : 4 ; vouliez-vous dire « exchange » ?",
                'unknown setting, value: 4; did you mean "exchange"?',
            ),
        ),
        (
            "[zzz]\nport = 4",
            ("zzz", "réglage inconnu, valeur : {'port': 4}", "unknown setting, value: {'port': 4}"),
        ),
        (
            "[secrets]\ncursor_keys = 'c2VjcmV0'",
            (
                "secrets.cursor_keys",
                "réglage inconnu, valeur : *** ; vouliez-vous dire « cursor_key » ?",
                'unknown setting, value: ***; did you mean "cursor_key"?',
            ),
        ),
        (
            "[secrets]\ncursor_key = 'c2hvcnQ='",
            (
                "secrets.cursor_key",
                "valeur attendue : 32 bytes in base64, reçu : ***",
                "value expected: 32 bytes in base64, got: ***",
            ),
        ),
        (
            "[deadlines]\nexchange = 'fast'",
            ("deadlines.exchange", "nombre attendu, reçu : 'fast'", "number expected, got: 'fast'"),
        ),
        (
            "[deadlines]\nexchange = 0",
            ("deadlines.exchange", "doit être supérieur à 0.0, reçu : 0", "must be more than 0.0, got: 0"),
        ),
        (
            "[soap]\ncontract_error_status = 404",
            (
                "soap.contract_error_status",
                "valeur attendue : 200, 500, reçu : 404",
                "value expected: 200, 500, got: 404",
            ),
        ),
    ],
    ids=[
        "extraction: unknown",
        "extraction: profile",
        "extraction: size",
        "near",
        "far",
        "secret-key",
        "secret-value",
        "type",
        "bound",
        "value",
    ],
)
def test_a_wrong_setting_is_named(folder: Path, added: str, problem: tuple[str, str, str]) -> None:
    assert problems(folder, f"{MINIMAL}\n{added}\n") == (problem,)


PARTICULAR = """
[deadlines]
exchange = 4
[deadlines.transactions]
recherche = 8
[deadlines.callers."93"]
exchange = 3
transactions = { notification = 20 }
[deadlines.callers.client-a]
transactions = { recherche = 2 }
"""


@pytest.mark.parametrize(
    ("caller", "transaction", "seconds"),
    [
        ("84", Transaction.LECTURE_ETABLISSEMENT, 4),
        ("84", Transaction.RECHERCHE, 8),
        ("93", Transaction.LECTURE_ETABLISSEMENT, 3),
        ("93", Transaction.RECHERCHE, 3),
        ("93", Transaction.NOTIFICATION, 20),
        ("client-a", Transaction.RECHERCHE, 2),
        ("client-a", Transaction.LECTURE_ETABLISSEMENT, 4),
    ],
)
def test_the_most_particular_deadline_holds(
    folder: Path, caller: str, transaction: Transaction, seconds: float
) -> None:
    deadlines = loaded(folder, MINIMAL + PARTICULAR).deadlines

    assert deadlines.seconds(caller, transaction) == seconds
    assert deadlines.longest == 20


def test_without_any_the_deadline_of_all_holds(folder: Path) -> None:
    deadlines = loaded(folder, MINIMAL).deadlines

    assert deadlines.seconds("84", Transaction.RECHERCHE) == 5
    assert deadlines.longest == 5


@pytest.mark.parametrize(
    ("added", "key"),
    [
        ("[deadlines.transactions]\nrecherches = 8", "deadlines.transactions.recherches.[key]"),
        ("[deadlines.transactions]\nrecherche = 0", "deadlines.transactions.recherche"),
        ('[deadlines.callers."93"]\nexchange = 601', "deadlines.callers.93.exchange"),
        ('[deadlines.callers."93"]\nexchang = 6', "deadlines.callers.93.exchang"),
    ],
    ids=["transaction", "none", "too-long", "misspelt"],
)
def test_a_deadline_that_is_not_one(folder: Path, added: str, key: str) -> None:
    ((where, french, english),) = problems(folder, f"{MINIMAL}\n{added}\n")

    assert where == key
    assert "{" not in french + english
    if key.endswith("exchang"):
        assert english.endswith('did you mean "exchange"?')


def test_a_wrong_language_lists_the_right_ones(folder: Path) -> None:
    assert problems(folder, f"language = 'de'\n{MINIMAL}") == (
        ("language", "valeurs possibles : 'fr' or 'en', reçu : 'de'", "possible values: 'fr' or 'en', got: 'de'"),
    )


def test_every_problem_is_told_at_once(folder: Path) -> None:
    text = MINIMAL.replace("port = 8443", "port = 70000").replace('document = "federation.json"', "")

    assert [key for key, _, _ in problems(folder, text)] == ["listeners.soap.port", "federation.document"]


def test_bad_toml_is_told_with_its_line(folder: Path) -> None:
    ((_, french, _),) = problems(folder, "language = 'fr'\nlisteners = [")

    assert french.startswith("TOML non valide : ")
    assert "line 2" in french or "end of document" in french


def test_an_unreadable_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationRefused) as refused:
        load(tmp_path / "absent.toml", {})

    assert refused.value.problems[0][2] == f"Unreadable file: {tmp_path / 'absent.toml'}"


def test_a_file_that_does_not_exist(folder: Path) -> None:
    (folder / "crl.pem").unlink()

    assert problems(folder, MINIMAL) == (
        ("federation.crl.0", f"fichier introuvable : {folder}/crl.pem", f"no such file: {folder}/crl.pem"),
    )


def test_the_places_of_nomenclatures_start_at_the_folder_of_the_file(folder: Path) -> None:
    (folder / "publications").mkdir()
    (folder / "acceptes.csv").touch()

    settings = loaded(folder, MINIMAL + '[nomenclatures]\ndirectory = "publications"\naccepted = "acceptes.csv"\n')

    assert settings.nomenclatures.directory == folder / "publications"
    assert settings.nomenclatures.accepted == folder / "acceptes.csv"


def test_the_places_of_nomenclatures_exist(folder: Path) -> None:
    text = MINIMAL + '[nomenclatures]\ndirectory = "publications"\naccepted = "acceptes.csv"\n'

    assert [problem[0] for problem in problems(folder, text)] == ["nomenclatures.accepted", "nomenclatures.directory"]


def test_the_environment_brings_secrets(folder: Path) -> None:
    key = bytes(range(32))

    configuration = loaded(folder, MINIMAL, ROR_GATEWAY_CURSOR_KEY=base64.b64encode(key).decode())

    assert configuration.cursor_key() == key


def test_what_is_shown_hides_secrets(folder: Path) -> None:
    configuration = loaded(
        folder,
        MINIMAL,
        ROR_GATEWAY_REPLICA_URL="postgresql+asyncpg://ror:pass@localhost/ror",
        ROR_GATEWAY_TOKEN_SIGNING_KEY="-----BEGIN",
    )

    shown = configuration.effective()

    assert shown["replica"]["url"] == "**********"
    assert shown["secrets"] == {"cursor_key": None, "token_signing_key": "**********"}


def fields_of(annotation: Any) -> Any:
    """The settings of a section, or of one that may be left out; None for a setting."""
    kinds = (annotation, *get_args(annotation))
    return next((kind.model_fields for kind in kinds if hasattr(kind, "model_fields")), None)


def test_every_setting_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
    named = [*ENVIRONMENT]
    for section, field in Configuration.model_fields.items():
        inner = fields_of(field.annotation)
        if section == "listeners":
            named += [f"listeners.*.{key}" for key in Listener.model_fields]
        else:
            named += [section] if inner is None else [f"{section}.{key}" for key in inner]

    assert [name for name in named if f"`{name}`" not in page] == []
