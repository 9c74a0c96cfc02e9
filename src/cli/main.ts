#!/usr/bin/env node
// Older versions cannot even parse the rest, so it is imported only after this check.
const NEEDED = 24;
const [major = "0"] = process.versions.node.split(".");
if (Number(major) < NEEDED) {
  process.stderr.write(`tepal needs Node.js ${NEEDED} or newer; this is ${process.version}\n`);
  process.exitCode = 1;
} else {
  const { run } = await import("./run.ts");
  await run();
}
