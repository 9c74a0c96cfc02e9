/** How all requests are sent. */
export interface HttpOptions {
  /** For a whole request, connecting and waiting for the connection included. */
  readonly timeoutSeconds: number;
  /** Sent with every request, such as a key. */
  readonly headers: Readonly<Record<string, string>>;
  /** Certificates in PEM to trust beside none other; null: those that Node.js trusts. */
  readonly ca: string | null;
  /** Whether a server's certificate must be valid. */
  readonly verify: boolean;
}

export const DEFAULT_HTTP_OPTIONS: HttpOptions = {
  timeoutSeconds: 30,
  headers: {},
  ca: null,
  verify: true,
};
