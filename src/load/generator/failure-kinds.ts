const TIMEOUT = "timeout";
const CLOSED = "connection closed";
const CUT = "reply cut short";
const CERTIFICATE = "certificate refused";

/** Kinds of failures by error code. They depend neither on the request nor on undici's version. docs/load-testing.md lists them. */
const KINDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: CLOSED,
  EPIPE: CLOSED,
  UND_ERR_SOCKET: CLOSED,
  UND_ERR_DESTROYED: CLOSED,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: CUT,
  ENOTFOUND: "unknown host",
  EAI_AGAIN: "unknown host",
  EHOSTUNREACH: "host unreachable",
  ENETUNREACH: "host unreachable",
  ETIMEDOUT: TIMEOUT,
  UND_ERR_CONNECT_TIMEOUT: TIMEOUT,
  UND_ERR_HEADERS_OVERFLOW: "headers too large",
  EMFILE: "too many open files",
  EADDRNOTAVAIL: "no free local port",
  DEPTH_ZERO_SELF_SIGNED_CERT: CERTIFICATE,
  SELF_SIGNED_CERT_IN_CHAIN: CERTIFICATE,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: CERTIFICATE,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: CERTIFICATE,
  CERT_HAS_EXPIRED: CERTIFICATE,
  ERR_TLS_CERT_ALTNAME_INVALID: CERTIFICATE,
  EPROTO: "TLS failed",
};

/** Ends a request at its timeout. */
export class RequestTimeout extends Error {}

/** @param hasBegun true if a part of the reply has arrived */
export function toFailureKind(error: unknown, hasBegun: boolean): string {
  if (error instanceof RequestTimeout) return TIMEOUT;
  const code = findCode(error);
  const kind = KINDS[code];
  if (kind === CLOSED && hasBegun) return CUT;
  if (kind !== undefined) return kind;
  // undici's parser has no codes for its problems.
  if (error instanceof Error && error.name === "HTTPParserError") {
    return error.message.includes("EOF") ? CUT : "not HTTP";
  }
  if (code.startsWith("ERR_SSL_")) return "TLS failed";
  const message = error instanceof Error ? error.message : String(error);
  // The script set a path or a header that HTTP does not allow.
  if (code === "UND_ERR_INVALID_ARG") return `not sent: ${message}`;
  return code === "" ? message : code;
}

function findCode(error: unknown): string {
  if (!(error instanceof Error)) return "";
  // A name with several IP addresses: all have failed, and the first failure is representative.
  const [first] = error instanceof AggregateError ? error.errors : [];
  const code: unknown = Reflect.get(error, "code") ?? (first === undefined ? "" : findCode(first));
  return typeof code === "string" ? code : "";
}
