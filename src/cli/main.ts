#!/usr/bin/env node
import "../require-node.ts";
import { fileURLToPath } from "node:url";

// Node.js keeps what it has compiled, which halves the time of a start. The folder is beside the code, with the same owner, so that no
// other user can replace what runs. In a folder that cannot be written nothing is kept. Processes that this one starts do the same.
const { enableCompileCache, getCompileCacheDir } = await import("node:module");
enableCompileCache(fileURLToPath(new URL("../../node_modules/.cache/tepal", import.meta.url)));
const folder = getCompileCacheDir();
if (folder !== undefined) process.env["NODE_COMPILE_CACHE"] = folder;

const { run } = await import("./run.ts");
await run();
