import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import { LoadTestDefinition, User } from "./define.ts";
import type { Mistake } from "./script-check.ts";
import { toPlace } from "./source-location.ts";
import type { ScriptDescription } from "../contract/script-description.ts";

const OURS = "tepal/load";
const define = new URL(
  import.meta.url.endsWith(".ts") ? "./define.ts" : "./define.js",
  import.meta.url,
);

/**
 * Imports a script and what it exports by default: users, one or a list, or a load test.
 * @throws TepalError INVALID_OPTION that lists every mistake with file and line
 */
export async function loadScript(path: string): Promise<LoadTestDefinition> {
  const file = resolve(path);
  if (!existsSync(file)) throw toError([{ at: path, message: "is not there" }]);
  helpToImport();
  let exported: unknown;
  try {
    const script: { readonly default?: unknown } = await import(pathToFileURL(file).href);
    exported = script.default;
  } catch (error) {
    throw toError([{ at: toPlaceOf(error, file), message: describe(error) }]);
  }
  const definition = toDefinition(exported, file);
  if (definition.mistakes.length > 0) throw toError(definition.mistakes);
  return definition;
}

/** What a script has. @param path as it was given */
export function describeScript(path: string, definition: LoadTestDefinition): ScriptDescription {
  return {
    path,
    user_classes: definition.users.map(({ weight, host, tasks }, i) => ({
      name: definition.names[i] ?? "",
      weight,
      host,
      tasks: tasks.map((task) => ({ name: task.name, weight: task.weight, tags: task.tags })),
    })),
    has_shape: definition.shape !== null,
    thresholds: definition.thresholds,
  };
}

/** Gives the running Tepal's own words to a script, wherever that is, and takes the types away where Node.js does not. */
function helpToImport(): void {
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === OURS ? { url: define.href, shortCircuit: true } : next(specifier, context),
    load(url, context, next) {
      if (!/\/node_modules\/.*\.m?ts$/.test(url)) return next(url, context);
      const source = stripTypeScriptTypes(readFileSync(fileURLToPath(url), "utf8"));
      return { format: "module", source, shortCircuit: true };
    },
  });
}

function toDefinition(exported: unknown, file: string): LoadTestDefinition {
  if (exported instanceof LoadTestDefinition) return exported;
  const users: readonly unknown[] = Array.isArray(exported) ? exported : [exported];
  if (users.length > 0 && users.every((user) => user instanceof User)) {
    return new LoadTestDefinition({ users });
  }
  const message =
    exported === undefined
      ? "exports nothing by default; `export default defineUser({ … })`, a list of users or a load test is expected"
      : "its default export is not what defineUser() or defineLoadTest() make, nor a list of users";
  throw toError([{ at: file, message }]);
}

function toError(mistakes: readonly Mistake[]): TepalError {
  const problems = mistakes.map(({ at, message }) => ({ at, message }));
  const listed = problems.map(({ at, message }) => (at === "" ? message : `${at}: ${message}`));
  return new TepalError("INVALID_OPTION", listed.join("\n"), { problems });
}

function describe(error: unknown): string {
  const name = error instanceof Error ? error.name : "";
  const message = toMessage(error);
  return name === "" || name === "Error" || message.startsWith(name)
    ? message
    : `${name}: ${message}`;
}

/** Where an error came from: a place in the script if there is one, else any that is not Tepal's or Node's. */
function toPlaceOf(error: unknown, script: string): string {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const inScript = toPlace(stack, (file) => file === script);
  if (inScript !== "") return inScript;
  const own = fileURLToPath(new URL("../..", import.meta.url));
  const elsewhere = toPlace(stack, (file) => !file.startsWith(own));
  if (elsewhere !== "") return elsewhere;
  if (!(error instanceof SyntaxError)) return script;
  // Node.js says the line of a syntax error in JavaScript only when it is asked to check the file.
  const { stderr } = spawnSync(process.execPath, ["--check", script], {
    encoding: "utf8",
    timeout: 5_000,
  });
  const checked = toPlace(stderr, (file) => file === script);
  return checked === "" ? script : checked;
}
