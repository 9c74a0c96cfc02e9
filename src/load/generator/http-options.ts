/** Options of all requests. */
export interface HttpOptions {
  /** Timeout of a whole request, including connection setup and the wait for the connection. */
  readonly timeoutSeconds: number;
  /** Headers of every request, for example a key. */
  readonly headers: Readonly<Record<string, string>>;
  /** The only certificates to trust, in PEM; null: those that Node.js trusts. */
  readonly ca: string | null;
  /** True if the server's certificate has to be valid. */
  readonly verify: boolean;
}

export const DEFAULT_HTTP_OPTIONS: HttpOptions = {
  timeoutSeconds: 30,
  headers: {},
  ca: null,
  verify: true,
};
