/**
 * Sends random input to Tepal: `npm run fuzz -- [TARGET ...] [--seconds N] [--seed N]`. Targets take turns of about a second,
 * each with its own seed, until the time ends or a target fails.
 */
import { parseArgs } from "node:util";
import { TARGETS } from "../test/fuzz/targets.ts";

const USAGE = `usage: npm run fuzz -- [TARGET ...] [--seconds N] [--seed N]
targets: ${Object.keys(TARGETS).join(", ")} (default: all)
  --seconds N  duration (default 60)
  --seed N     seed of the first turn, 0 to 2147483647 (default: random); each turn increments it`;

const SEEDS = 2 ** 31;

function readArguments(): { names: readonly string[]; seconds: number; seed: number } {
  try {
    const { values, positionals } = parseArgs({
      options: { seconds: { type: "string" }, seed: { type: "string" } },
      allowPositionals: true,
    });
    const unknown = positionals.find((name) => !Object.hasOwn(TARGETS, name));
    if (unknown !== undefined) throw new Error(`Unknown target "${unknown}".`);
    const seconds = Number(values.seconds ?? 60);
    const seed = Number(values.seed ?? Math.floor(Math.random() * SEEDS));
    if (!(seconds > 0)) throw new Error("--seconds: Expected a number > 0.");
    if (!Number.isInteger(seed) || seed < 0 || seed >= SEEDS) {
      throw new Error(`--seed: Expected an integer from 0 to ${SEEDS - 1}.`);
    }
    return { names: positionals.length > 0 ? positionals : Object.keys(TARGETS), seconds, seed };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    process.exit(2);
  }
}

/** Progress of a target. */
interface Tally {
  turns: number;
  seconds: number;
  readonly counts: Record<string, number>;
}

const { names, seconds, seed } = readArguments();
const tallies = new Map<string, Tally>(
  names.map((name) => [name, { turns: 0, seconds: 0, counts: {} }]),
);
const stop = new AbortController();
process.once("SIGINT", () => {
  stop.abort();
  console.log("Stopping after this turn. Press Ctrl-C again to stop at once.");
});

const start = performance.now();
const toSeconds = (from: number): number => (performance.now() - from) / 1_000;
console.log(`seed ${seed}, ${seconds} s: ${names.join(", ")}`);
for (let turn = 0; !stop.signal.aborted && toSeconds(start) < seconds; turn++) {
  const name = names[turn % names.length] ?? "";
  const turnSeed = (seed + turn) % SEEDS;
  if (!(await runTurn(name, turnSeed))) break;
  // Some targets never yield to the event loop, so signals are handled only here.
  await new Promise((resolve) => setImmediate(resolve));
}
for (const [name, tally] of tallies) console.log(formatTally(name, tally));

/** Runs one turn of a target. Returns false if it failed. */
async function runTurn(name: string, turnSeed: number): Promise<boolean> {
  const target = TARGETS[name];
  const tally = tallies.get(name);
  if (target === undefined || tally === undefined) return true;
  const from = performance.now();
  try {
    addCounts(tally.counts, await target.fuzz(target.runs, turnSeed));
  } catch (error) {
    console.error(error);
    console.error(
      `${name} failed. Reproduce with: npm run fuzz -- ${name} --seconds 1 --seed ${turnSeed}`,
    );
    process.exitCode = 1;
    return false;
  }
  tally.turns += 1;
  tally.seconds += toSeconds(from);
  console.log(`${toSeconds(start).toFixed(0).padStart(6)} s  ${formatTally(name, tally)}`);
  return true;
}

/** Adds numbers by name; names in nested objects get the outer name as a prefix. */
function addCounts(sums: Record<string, number>, counts: object, prefix = ""): void {
  for (const [key, value] of Object.entries(counts)) {
    if (typeof value === "number") sums[prefix + key] = (sums[prefix + key] ?? 0) + value;
    else if (typeof value === "object") addCounts(sums, value, `${prefix}${key} `);
  }
}

function formatTally(name: string, { turns, seconds: spent, counts }: Tally): string {
  const listed = Object.entries(counts).map(([key, value]) => `${key} ${value}`);
  return `${name.padEnd(12)} ${turns} turns, ${spent.toFixed(1)} s: ${listed.join(", ")}`;
}
