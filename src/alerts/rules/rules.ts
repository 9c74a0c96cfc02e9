import type { Template } from "../templates/template.ts";

/** Rules as their files have them, checked. Durations are in milliseconds. */
export type RuleDefinition = RecordingDefinition | AlertDefinition;

interface Definition {
  readonly name: string;
  /** PromQL, as the file has it. */
  readonly expr: string;
  /** PromQL as Prometheus writes it. */
  readonly query: string;
  /** As the file has them, those of the group among them. */
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
  /** How much earlier than the time of evaluation queries look; undefined for none. */
  readonly queryOffsetMs: number;
  /** Series or alerts that one rule may give; 0 is no limit. */
  readonly limit: number;
  readonly rules: readonly RuleDefinition[];
}
