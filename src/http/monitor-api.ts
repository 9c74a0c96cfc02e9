/** Who answers the Prometheus HTTP API; the HTTP room only hands requests on. */
export interface MonitorApi {
  /** Below `/api/v1/`; may have parameters such as `:name`. */
  readonly paths: readonly string[];
  /** Those of `paths` that are asked by POST too. */
  readonly formPaths: ReadonlySet<string>;
  /** Whether it has begun to answer. */
  isReady(): Promise<boolean>;
  /** Never throws. */
  ask(request: {
    readonly path: string;
    readonly name: string;
    readonly parameters: string;
    readonly gzip: boolean;
  }): Promise<{ readonly status: number; readonly body: Uint8Array; readonly gzip: boolean }>;
}
