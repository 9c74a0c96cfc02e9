#!/usr/bin/env node
import "../require-node.ts";
import { fileURLToPath } from "node:url";

// Node.js keeps what it has compiled, which halves the time of a start. Beside the code, where only those who may change the code can
// write; in a folder that cannot be written nothing is kept. Processes that this one starts do the same.
const { enableCompileCache, getCompileCacheDir } = await import("node:module");
enableCompileCache(fileURLToPath(new URL("../../node_modules/.cache/tepal", import.meta.url)));
const folder = getCompileCacheDir();
if (folder !== undefined) process.env["NODE_COMPILE_CACHE"] = folder;

const { run } = await import("./run.ts");
await run();
