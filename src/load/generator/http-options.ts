/** Options of all requests. */
export interface HttpOptions {
  /** Timeout of a whole request, including connection setup and the wait for the connection. */
  readonly timeoutSeconds: number;
  /** Headers of every request to one server, for example a key. null: none. */
  readonly headers: HostHeaders | null;
  /** The only certificates to trust, in PEM; null: those that Node.js trusts. */
  readonly ca: string | null;
  /** True if the server's certificate has to be valid. */
  readonly verify: boolean;
}

/** Headers that may be secret. Only the origin of `host` gets them, since a client of the page may name any host. */
export interface HostHeaders {
  readonly host: string;
  readonly values: Readonly<Record<string, string>>;
}

export const DEFAULT_HTTP_OPTIONS: HttpOptions = {
  timeoutSeconds: 30,
  headers: null,
  ca: null,
  verify: true,
};

/** Returns true if a server gets the headers. @param host a URL with a path or without */
export function isForHost({ host: own }: HostHeaders, host: string): boolean {
  return new URL(own).origin === new URL(host).origin;
}
