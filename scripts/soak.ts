/**
 * Runs every kind of traffic against a real server: `npm run soak [-- --seconds N]`. Prints resource usage every ten seconds
 * and the problems at the end. Exits with 1 if there are problems.
 */
import { parseArgs } from "node:util";
import { soak, type SoakReport, type SoakResult } from "../test/soak/soak.ts";
import { countReplies } from "../test/soak/tally.ts";
import { toTrend } from "../test/soak/verdict.ts";

const REPORT_SECONDS = 10;

const { values } = parseArgs({ options: { seconds: { type: "string", default: "600" } } });
const seconds = Number(values.seconds);
if (!(seconds > 0)) {
  console.error("usage: npm run soak [-- --seconds N], with N > 0");
  process.exit(2);
}
console.log(`${seconds} s\n`);
print(await soak({ seconds, reportEvery: REPORT_SECONDS, onReport: report }));

function report(now: SoakReport): void {
  const { replies, problems, vanished, lost } = now.tally;
  const statuses = [...replies].toSorted(([a], [b]) => a - b);
  const parts = [
    `${now.seconds.toFixed(0).padStart(5)} s`,
    `${toMegabytes(now.residentBytes)} resident (${toMegabytes(now.heapBytes)} heap)`,
    `${now.descriptors} descriptors`,
    `${now.inFlight} in flight`,
    `${now.requestsPerSecond.toFixed(0)} requests/s`,
    statuses.map(([status, count]) => `${status}: ${count}`).join(" "),
    `aborted: ${vanished}${lost > 0 ? ` lost: ${lost}` : ""}`,
    `problems: ${problems.size}`,
  ];
  console.log(parts.join(", "));
}

function print({ samples, tally, reloads, kills, problems }: SoakResult): void {
  const outside = toTrend(
    samples.map((sample) => [sample.seconds, sample.residentBytes - sample.heapTotalBytes]),
  );
  const files = toTrend(samples.map((sample) => [sample.seconds, sample.descriptors]));
  console.log(
    `\n${countReplies(tally)} responses, ${tally.vanished} requests aborted by clients, ` +
      `${reloads} reloads, ${kills} processes killed (${tally.lost} requests lost with them)\n` +
      `resident memory: ${toRange(samples.map(({ residentBytes }) => residentBytes))}; ` +
      `heap in use: ${toRange(samples.map(({ heapBytes }) => heapBytes))}\n` +
      `growth of non-heap memory after the first third: ${toSigned(outside.line / 1e6)} MB by least squares, ` +
      `${toSigned(outside.step / 1e6)} MB by medians\n` +
      `growth of descriptors: ${toSigned(files.line)} by least squares, ${toSigned(files.step)} by medians`,
  );
  for (const problem of problems) console.error(`PROBLEM: ${problem}`);
  console.log(problems.length === 0 ? "No problems." : `${problems.length} problems.`);
  if (problems.length > 0) process.exitCode = 1;
}

function toMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

function toRange(bytes: readonly number[]): string {
  return `${toMegabytes(Math.min(...bytes))} to ${toMegabytes(Math.max(...bytes))}`;
}

function toSigned(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(0)}`;
}
