"""Whether the caller of an exchange may ask a provider, as the federation document says: deny by default."""

from gateway.federation.exchange import Exchange
from whitelist.document import ANY, FederationDocument


def permitted(document: FederationDocument, exchange: Exchange, provider: str) -> bool:
    """Whether some right of the caller opens this transaction of that provider under its access profile."""
    transaction, profil = exchange.demande.transaction, exchange.caller.profil
    if exchange.caller.member is None:
        return any(
            client.client_id == exchange.caller.id and transaction in client.operations for client in document.clients
        )
    member = document.member(exchange.caller.member)
    return member is not None and any(
        right.operation is transaction and profil in right.profiles and {provider, ANY} & set(right.providers)
        for right in member.rights
    )
