import { readFileSync } from "node:fs";

/**
 * Ends the process with a sentence if this version of Node.js is older than package.json allows. Import it before everything
 * else, in a file that loads the rest afterwards: older versions cannot parse the rest. It uses old syntax only.
 */
const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
const required = Number(/"node": ">=(\d+)"/.exec(text)?.[1]);
if (Number.parseInt(process.versions.node, 10) < required) {
  process.stderr.write(
    `tepal requires Node.js ${required} or later; this is ${process.version}.\n`,
  );
  process.exit(1);
}
