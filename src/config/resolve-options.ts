import { InputProblems } from "../kernel/check.ts";
import { toOptionParser } from "../kernel/option-parser.ts";
import type { OptionDeclarations, OptionValues } from "../kernel/options.ts";
import { toFlagName, toVariableName } from "./names.ts";

/** Sources of option values, all optional. Flags win over the environment, the environment over the file. */
export interface Sources {
  /** A parsed configuration file, and its name for messages. */
  readonly file?: { readonly name: string; readonly values: Readonly<Record<string, unknown>> };
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** By option name: strings from a command line, or values of the declared type from code. */
  readonly flags?: Readonly<Record<string, unknown>>;
}

/** Key of the origins of resolved values. A symbol: copies of the values keep it, messages between threads and processes do not. */
const ORIGINS = Symbol("origins of options");

/** Returns the name of the source of each value that is not the default; undefined for values that were not resolved here. */
export function findOrigins(values: object): Readonly<Record<string, string>> | undefined {
  return (values as { readonly [ORIGINS]?: Readonly<Record<string, string>> })[ORIGINS];
}

/**
 * Resolves each option from the flags, else the environment, else the file, else its default.
 * @throws TepalError INVALID_OPTION with every problem of every source
 */
export function resolveOptions<D extends OptionDeclarations>(
  declarations: D,
  sources: Sources,
): OptionValues<D> {
  const problems = new InputProblems();
  const values: Record<string, unknown> = {};
  const origins: Record<string, string> = {};
  const earlier = findOrigins(sources.flags ?? {});
  for (const [name, declaration] of Object.entries(declarations)) {
    const given = findGiven(name, sources);
    if (given !== undefined)
      origins[name] = earlier === undefined ? given.at : (earlier[name] ?? "");
    values[name] =
      given === undefined
        ? declaration.default
        : problems.read(toOptionParser(declaration), given.value, { at: given.at, coerce: true });
  }
  const { file } = sources;
  if (file !== undefined) {
    const names = Object.keys(declarations);
    problems.addUnknown(file.values, names, "option", (key) => `${file.name}: ${key}`);
  }
  problems.throwIfAny("INVALID_OPTION", "option");
  // Each value was read by the parser of its declaration.
  return { ...(values as OptionValues<D>), [ORIGINS]: origins };
}

interface Given {
  readonly at: string;
  readonly value: unknown;
}

function findGiven(name: string, { flags, environment, file }: Sources): Given | undefined {
  const flag = flags?.[name];
  if (flag !== undefined) return { at: `--${toFlagName(name)}`, value: flag };
  const variable = environment?.[toVariableName(name)];
  if (variable !== undefined && variable !== "") {
    return { at: toVariableName(name), value: variable };
  }
  if (file === undefined || !Object.hasOwn(file.values, name)) return undefined;
  return { at: `${file.name}: ${name}`, value: file.values[name] };
}
