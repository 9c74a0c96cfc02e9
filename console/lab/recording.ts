/** Recorded samples of a server, as the lab loads them. */
export interface Recording {
  /** The begin and the end, in milliseconds since 1970. The lab's clock stands at the end. */
  readonly startMs: number;
  readonly endMs: number;
  readonly intervalSeconds: number;
  readonly targets: readonly RecordedTarget[];
  /** Type and help of each metric. */
  readonly metadata: Readonly<Record<string, readonly [type: string, help: string]>>;
  readonly groups: readonly RecordedGroup[];
}

interface RecordedTarget {
  readonly job: string;
  readonly instance: string;
  readonly url: string;
}

/** Series whose samples have the same times, but for missing ones. */
export interface RecordedGroup {
  /** Encoded milliseconds since 1970, strictly increasing. */
  readonly times: string;
  /** Labels that all series of the group have. */
  readonly labels: Readonly<Record<string, string>>;
  /** By metric name: further labels, and encoded samples, one for each time. */
  readonly series: Readonly<
    Record<string, readonly (readonly [Readonly<Record<string, string>>, samples: string])[]>
  >;
}
