"""A SPARQL endpoint somewhere else, asked over HTTP with the standard library: what can be asked of a build, without having it.

_address    what a person types -> the address of an endpoint; whether two addresses are one place
_text       query text -> query text as it is sent: prefixes, base, values of parameters
_http       request -> reply: redirects, time limits, TLS, proxies
_body       a reply's bytes, unpacked; one that breaks off is an error
_refusal    an HTTP status with its words -> what is wrong, and where in the query
_reply      a reply -> an answer in one of the formats
_login      a token, or a name with a password, as a server wants to see it
_digest     a challenge -> the proof that somebody knows a password
_proxy      an address -> a connection, through the proxy of the environment
_session    many requests to one address, over connections that are kept open
_things     a person's word -> the IRI of a thing, by small queries

The standard library is enough: a request, a stream of bytes, and an error for each way in which they fail. An HTTP package would be
one more run-time dependency for every user, and its errors would have to be translated as well.
"""

from kg.remote._address import address
from kg.remote._http import Endpoint
from kg.remote._login import Login
from kg.remote._refusal import BUSY, no_endpoint, refusal, retry_after, said_in
from kg.remote._reply import GRAPHS, ROWS, answered, as_truth, check_end, let_go
from kg.remote._session import Received, Session
from kg.remote._text import Sent, bound, check_asks, depends_on_base
from kg.remote._things import base_of, find_thing

__all__ = [
    "BUSY",
    "GRAPHS",
    "ROWS",
    "Endpoint",
    "Login",
    "Received",
    "Sent",
    "Session",
    "address",
    "answered",
    "as_truth",
    "base_of",
    "bound",
    "check_asks",
    "check_end",
    "depends_on_base",
    "find_thing",
    "let_go",
    "no_endpoint",
    "refusal",
    "retry_after",
    "said_in",
]
