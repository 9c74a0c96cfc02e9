/** What the load tester answers and sends. The types are its own, so page and server cannot fall apart. */
import type { LogLine } from "../../../src/load/load.ts";
import type { RunPlan } from "../../../src/load/contract/plan.ts";
import type { RunReport, SeriesPoint } from "../../../src/load/contract/report.ts";
import type { ScriptDescription } from "../../../src/load/contract/script-description.ts";

/** `GET /api/load`. */
export interface LoadDocument {
  readonly version: string;
  readonly script: ScriptDescription;
  readonly defaults: RunPlan;
  readonly report: RunReport;
  readonly logs: readonly LogLine[];
}

/** `event: second`: the report, with only those points of its series that are new. */
export interface SecondUpdate extends Omit<RunReport, "series"> {
  readonly points: readonly SeriesPoint[];
}
