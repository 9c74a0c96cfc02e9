import { createRequire } from "node:module";
import type * as Index from "./index.ts";
import "./require-node.ts";

/**
 * The file that "tepal" resolves to in the built package: index.ts, behind the check of the Node.js version. It loads index.js
 * synchronously, because a top-level await would make `require("tepal")` fail.
 */
const index: typeof Index = createRequire(import.meta.url)("./index.js");
export const { createServer, importModel, loadModel, TepalError, trainModel } = index;
