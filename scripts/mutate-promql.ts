/**
 * `node scripts/mutate-promql.ts`: makes deliberate wrong changes to a copy of the PromQL engine, one at a time, and says which of
 * them our own cases (test/promql/*.test) do not notice. Exits with 1 if there is one.
 */
import { MUTATIONS } from "../test/promql/mutations.ts";
import { findUnnoticed } from "../test/promql/try-mutations.ts";

const unnoticed = await findUnnoticed(MUTATIONS, ({ file, find, replace }, noticed) => {
  if (!noticed) console.log(`not noticed: ${file}\n  - ${find}\n  + ${replace}`);
});
console.log(`${MUTATIONS.length - unnoticed.length} of ${MUTATIONS.length} changes noticed`);
process.exitCode = unnoticed.length > 0 ? 1 : 0;
