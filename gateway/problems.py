"""What is wrong with a configuration, told with the key, the value and the nearest valid spelling."""

import difflib
from collections.abc import Sequence
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

MASKED = "secrets"

Problem = tuple[str, str, str]

KINDS = {
    "missing": ("réglage obligatoire absent", "mandatory setting missing"),
    "int_type": ("nombre entier attendu", "whole number expected"),
    "int_parsing": ("nombre entier attendu", "whole number expected"),
    "float_type": ("nombre attendu", "number expected"),
    "float_parsing": ("nombre attendu", "number expected"),
    "string_type": ("texte attendu", "text expected"),
    "path_type": ("chemin de fichier attendu", "file path expected"),
    "tuple_type": ("liste attendue", "list expected"),
    "model_type": ("table attendue", "table expected"),
    "url_parsing": ("adresse http(s) attendue", "http(s) address expected"),
    "url_scheme": ("adresse http(s) attendue", "http(s) address expected"),
    "enum": ("valeurs possibles : {expected}", "possible values: {expected}"),
    "greater_than": ("doit être supérieur à {gt}", "must be more than {gt}"),
    "greater_than_equal": ("doit valoir au moins {ge}", "must be at least {ge}"),
    "less_than": ("doit être inférieur à {lt}", "must be less than {lt}"),
    "less_than_equal": ("doit valoir au plus {le}", "must be at most {le}"),
    "too_short": ("au moins {min_length} valeur attendue", "at least {min_length} value expected"),
    "value_error": ("valeur attendue : {error}", "value expected: {error}"),
}


def explain(error: ValidationError, model: type[BaseModel]) -> tuple[Problem, ...]:
    """One (key, French, English) line for each problem."""
    return tuple(_problem(details, model) for details in error.errors(include_url=False))


def _problem(details: ErrorDetails, model: type[BaseModel]) -> Problem:
    key = ".".join(str(part) for part in details["loc"])
    shown = "***" if details["loc"][0] == MASKED or key == "replica.url" else repr(details["input"])
    if details["type"] == "extra_forbidden":
        return (key, *_unknown(details["loc"], shown, model))
    french, english = KINDS.get(details["type"], (details["msg"], details["msg"]))
    values = details.get("ctx", {})
    french, english = french.format(**values), english.format(**values)
    if details["type"] == "missing":
        return (key, french, english)
    return (key, f"{french}, reçu : {shown}", f"{english}, got: {shown}")


def _unknown(path: Sequence[int | str], shown: str, model: type[BaseModel]) -> tuple[str, str]:
    french, english = f"réglage inconnu, valeur : {shown}", f"unknown setting, value: {shown}"
    near = difflib.get_close_matches(str(path[-1]), _known(path[:-1], model), n=1, cutoff=0.5)
    if not near:
        return french, english
    return f"{french} ; vouliez-vous dire « {near[0]} » ?", f'{english}; did you mean "{near[0]}"?'


def _known(path: Sequence[int | str], model: type[BaseModel]) -> list[str]:
    table: Any = model
    for part in path:
        if get_origin(table) is dict:
            # the part is a key that the operator chose
            table = get_args(table)[1]
            continue
        found = table.model_fields[part].annotation
        # a section that may be left out: what it is when it is there
        table = found if hasattr(found, "model_fields") or get_origin(found) is dict else get_args(found)[0]
    return list(table.model_fields)
