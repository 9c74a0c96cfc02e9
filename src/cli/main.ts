#!/usr/bin/env node
// The rest is imported after this check, because older versions cannot parse it.
const REQUIRED_MAJOR = 24;
const [major = "0"] = process.versions.node.split(".");
if (Number(major) < REQUIRED_MAJOR) {
  process.stderr.write(
    `tepal requires Node.js ${REQUIRED_MAJOR} or later; this is ${process.version}.\n`,
  );
  process.exitCode = 1;
} else {
  const { run } = await import("./run.ts");
  await run();
}
