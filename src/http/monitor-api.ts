/** Who answers the Prometheus HTTP API; the HTTP room only hands requests on. */
export interface MonitorApi {
  /** Whether it has begun to answer. */
  isReady(): Promise<boolean>;
  /** Whatever goes wrong is in the reply. */
  ask(request: {
    /** Below `/api/v1/`. */
    readonly path: string;
    /** `a=1&b=2`: the form, then what the address has. */
    readonly parameters: string;
    /** Whether the reply may be packed. */
    readonly gzip: boolean;
  }): Promise<{ readonly status: number; readonly body: Uint8Array; readonly gzip: boolean }>;
}
