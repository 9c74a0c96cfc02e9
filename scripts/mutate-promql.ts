/**
 * `node scripts/mutate-promql.ts`: runs our own cases (test/promql/*.test) against mutants of the PromQL engine, one at
 * a time, and prints those that no case detects. Exits with 1 if there is one.
 */
import { MUTATIONS } from "../test/promql/mutations.ts";
import { findUnnoticed } from "../test/promql/try-mutations.ts";

const unnoticed = await findUnnoticed(MUTATIONS, ({ file, find, replace }, noticed) => {
  if (!noticed) console.log(`not detected: ${file}\n  - ${find}\n  + ${replace}`);
});
console.log(`${MUTATIONS.length - unnoticed.length} of ${MUTATIONS.length} mutants detected`);
process.exitCode = unnoticed.length > 0 ? 1 : 0;
