"""The adapter of every member, from the federation document: its own solution, or the national ROR once cut over."""

from adapters.contract import (
    CONTRACT_INTERFACE,
    EXTRACTION_INTERFACE,
    SEARCH_INTERFACE,
    Adapter,
    Identity,
    Target,
)
from adapters.options import OptionRefused
from adapters.registry import (
    NECESSARY,
    SOLUTIONS,
    UnknownContract,
    UnknownSolution,
    adapter_for,
    by_document_alone,
    manifest_of,
)
from gateway.errors import ConfigurationRefused
from mappings.fhir.conforming import Mode
from mappings.memory import FORGETFUL, Memory
from whitelist.document import CertificateUsage, FederationDocument, FederationMember, MemberState, MemberStatus

NATIONAL = "national"

Problem = tuple[str, str, str]


def adapters(
    document: FederationDocument, identity: Identity, *, validation: Mode = Mode.OFF, memory: Memory = FORGETFUL
) -> dict[str, Adapter]:
    """One adapter for each member that may be asked, by its code; raises `ConfigurationRefused`.

    `validation` is what is done with the resources of those that answer in FHIR; `memory` holds what was read before.
    """
    refuse_unusable(document)
    return {
        member.code: adapter_for(_target(member, document, validation), identity, memory)
        for member in document.members
        if member.status is not MemberStatus.WITHDRAWN
    }


def refuse_unusable(document: FederationDocument) -> None:
    """Nothing when every member may be asked as its entry says; else `ConfigurationRefused`, with all that is wrong."""
    problems = tuple(
        problem
        for member in document.members
        if member.status is not MemberStatus.WITHDRAWN and (problem := _problem(member, document)) is not None
    )
    if problems:
        raise ConfigurationRefused(problems)


def joined_by_document(document: FederationDocument) -> dict[str, str]:
    """The solutions of the regional members that have no folder: what their entries declare is all that is known."""
    return {
        member.code: member.solution
        for member in document.members
        if member.state is MemberState.REGIONAL and by_document_alone(member.solution)
    }


def _problem(member: FederationMember, document: FederationDocument) -> Problem | None:
    try:
        target = _target(member, document, Mode.OFF)
        if target.solution != NATIONAL:
            manifest_of(target)
    except ConfigurationRefused as refused:
        return refused.problems[0]
    except UnknownSolution as error:
        near_fr, near_en = _nearest(error.nearest)
        known = ", ".join(SOLUTIONS)
        return _told(
            member.code,
            f"solution « {error.solution} » inconnue (connues : {known}){near_fr} ; une autre déclare son dialecte dans"
            f" options, au moins « {NECESSARY} »",
            f'unknown solution "{error.solution}" (known: {known}){near_en}; another one declares its dialect in'
            f' options, "{NECESSARY}" at least',
        )
    except UnknownContract as error:
        known = ", ".join(error.known)
        return _told(
            member.code,
            f"contrat « {error.contract} » inconnu de sa solution (connus : {known})",
            f'contract "{error.contract}" unknown to its solution (known: {known})',
        )
    except OptionRefused as error:
        return _told(member.code, *_of_option(error))
    return None


def _of_option(error: OptionRefused) -> tuple[str, str]:
    near_fr, near_en = _nearest(error.nearest)
    accepted = ", ".join(error.accepted)
    if error.value is None:
        return (
            f"options.{error.name} n'existe pas{near_fr} (options : {accepted})",
            f"options.{error.name} does not exist{near_en} (options: {accepted})",
        )
    words_fr, words_en = ("exemples", "examples") if error.examples else ("valeurs", "values")
    return (
        f"options.{error.name} ne peut valoir « {error.value} »{near_fr} ({words_fr} : {accepted})",
        f'options.{error.name} cannot be "{error.value}"{near_en} ({words_en}: {accepted})',
    )


def _nearest(name: str | None) -> tuple[str, str]:
    return ("", "") if name is None else (f", voulait-on « {name} » ?", f', is "{name}" meant?')


def _target(member: FederationMember, document: FederationDocument, validation: Mode) -> Target:
    if member.state is MemberState.NATIONAL:
        return national(member, document, validation=validation)
    return regional(member, document)


def regional(member: FederationMember, document: FederationDocument) -> Target:
    """A member's own base."""
    listed = {one.interface: one for one in reversed(member.endpoints)}
    endpoint = listed.get(CONTRACT_INTERFACE) or listed.get(SEARCH_INTERFACE)
    if endpoint is None:
        raise _missing(member.code, f"interface {CONTRACT_INTERFACE}")
    servers = (one for one in member.certificates if one.usage is CertificateUsage.SERVER)
    archives = listed.get(EXTRACTION_INTERFACE)
    return Target(
        code=member.code,
        regions=member.regions,
        solution=member.solution,
        contract=member.contract,
        endpoint=endpoint.url,
        server_name=endpoint.server_name,
        server_sha256=frozenset(one.sha256 for one in servers),
        interfaces=frozenset(listed),
        options={name: habit.value for name, habit in member.options.items()},
        nomenclatures=document.nomenclatures_of(member),
        extraction=None if archives is None else archives.version,
    )


def national(member: FederationMember, document: FederationDocument, *, validation: Mode = Mode.OFF) -> Target:
    """The national ROR, for the regions of a member."""
    ror = document.national
    if ror is None:
        raise _missing(member.code, NATIONAL)
    return Target(
        code=member.code,
        regions=member.regions,
        solution=NATIONAL,
        contract=NATIONAL,
        endpoint=ror.fhir,
        server_name=ror.server_name,
        server_sha256=ror.server_sha256,
        token_endpoint=ror.token,
        client_id=ror.client_id,
        options=ror.ror_headers,
        nomenclatures=document.nomenclatures,
        validation=validation,
    )


def _missing(code: str, missing: str) -> ConfigurationRefused:
    return ConfigurationRefused((_told(code, f"il manque « {missing} »", f'"{missing}" is missing'),))


def _told(code: str, french: str, english: str) -> Problem:
    return ("federation.document", f"membre {code} : {french}", f"member {code}: {english}")
