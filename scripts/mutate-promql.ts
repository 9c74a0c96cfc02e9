/**
 * `node scripts/mutate-promql.ts`: runs our own cases (test/promql/*.test) against mutants of the PromQL engine, one at
 * a time, and prints those that no case detects. Exits with 1 if there is one.
 */
import { MUTATIONS } from "../test/promql/mutations.ts";
import { findUndetected } from "../test/promql/try-mutations.ts";

const undetected = await findUndetected(MUTATIONS, ({ file, find, replace }, isDetected) => {
  if (!isDetected) console.log(`not detected: ${file}\n  - ${find}\n  + ${replace}`);
});
console.log(`${MUTATIONS.length - undetected.length} of ${MUTATIONS.length} mutants detected`);
process.exitCode = undetected.length > 0 ? 1 : 0;
