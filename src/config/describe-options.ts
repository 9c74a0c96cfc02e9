import type { OptionDeclaration, OptionDeclarations } from "../kernel/options.ts";
import { toFlagName } from "./names.ts";
import { findOrigins } from "./resolve-options.ts";

/** An option with its value in a server. */
export interface OptionDescription {
  /** Without dashes: `max-batch-rows`. */
  readonly name: string;
  /** Lists are joined by commas; empty for none. A URL that may be a secret has no path. */
  readonly value: string;
  readonly default: string;
  /** `--port`, `TEPAL_PORT`, `tepal.config.json: port`, or `default`. */
  readonly source: string;
}

/** Describes all options, without values that may be secrets. */
export function describeOptions(
  declarations: OptionDeclarations,
  values: Readonly<Record<string, unknown>>,
): readonly OptionDescription[] {
  const origins = findOrigins(values) ?? {};
  return Object.entries(declarations).map(([name, declaration]) => {
    const isSecret = mayBeSecret(declaration);
    const source = origins[name] ?? "";
    return {
      name: toFlagName(name),
      value: format(values[name], isSecret),
      default: format(declaration.default, isSecret),
      source: source === "" ? "default" : source,
    };
  });
}

function mayBeSecret(declaration: OptionDeclaration): boolean {
  if (declaration.type === "list") return declaration.item.isSecret ?? false;
  return declaration.type === "optional string" && (declaration.value?.isSecret ?? false);
}

function format(value: unknown, isSecret: boolean): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map((item) => format(item, isSecret)).join(",");
  return isSecret ? hidePath(String(value)) : String(value);
}

/** Keeps scheme, host and port of a URL, and what stands before it: `node=http://host:9100/…`. */
function hidePath(text: string): string {
  const at = text.search(/https?:\/\//);
  const url = URL.parse(at < 0 ? "" : text.slice(at));
  return url === null ? "…" : `${text.slice(0, at)}${url.origin}/…`;
}
