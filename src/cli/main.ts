#!/usr/bin/env node
import "../require-node.ts";

const { run } = await import("./run.ts");
await run();
