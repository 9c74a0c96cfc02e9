import { Compile } from "typebox/compile";
import { ReportSchema, type RunReport } from "./report.ts";

const checker = Compile(ReportSchema);

/** Returns a value from outside as the report of a run if it has the shape of one, otherwise undefined. Unknown fields stay. */
export function parseReport(value: unknown): RunReport | undefined {
  return checker.Check(value) ? value : undefined;
}
