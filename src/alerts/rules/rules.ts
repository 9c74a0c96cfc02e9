import type { Template } from "../templates/template.ts";

/** A checked rule of a rule file. Durations are in milliseconds. */
export type RuleDefinition = RecordingDefinition | AlertDefinition;

interface Definition {
  readonly name: string;
  /** PromQL as written in the file. */
  readonly expr: string;
  /** PromQL in Prometheus's format. */
  readonly query: string;
  /** Labels as written in the file, including those of the group. */
  readonly labels: ReadonlyMap<string, string>;
}

export interface RecordingDefinition extends Definition {
  readonly type: "recording";
}

export interface AlertDefinition extends Definition {
  readonly type: "alerting";
  readonly forMs: number;
  readonly keepFiringForMs: number;
  readonly annotations: ReadonlyMap<string, string>;
  readonly labelTemplates: ReadonlyMap<string, Template>;
  readonly annotationTemplates: ReadonlyMap<string, Template>;
}

export interface GroupDefinition {
  readonly file: string;
  readonly name: string;
  /** Undefined for the default. */
  readonly intervalMs: number | undefined;
  /** Subtracted from the evaluation time to get the time of queries. */
  readonly queryOffsetMs: number;
  /** Maximum number of series or alerts of one rule; 0 = no limit. */
  readonly limit: number;
  readonly rules: readonly RuleDefinition[];
}
