import type { RunReport } from "../report.ts";
export function renderHtmlReport(report: RunReport, version: string): string {
  return `${report.id}${version}`;
}
