import type { Command } from "commander";
import { toFlagName, toVariableName } from "../config/names.ts";
import type { OptionDeclaration, OptionDeclarations } from "../kernel/options.ts";

/** Adds declared options to a command. Values stay texts: `resolveOptions` reads and checks them. */
export function addDeclaredOptions(
  command: Command,
  declarations: OptionDeclarations,
  { variables }: { readonly variables: boolean },
): Command {
  for (const [name, declaration] of Object.entries(declarations)) {
    const value = declaration.type === "switch" ? "" : ` <${toPlaceholder(declaration)}>`;
    const notes = [
      ...(declaration.type === "choice" ? [declaration.choices.join(" | ")] : []),
      ...(hasDefault(declaration) ? [`default: ${declaration.default}`] : []),
      ...(variables ? [toVariableName(name)] : []),
    ];
    const note = notes.length === 0 ? "" : ` (${notes.join("; ")})`;
    command.option(`--${toFlagName(name)}${value}`, `${declaration.help}${note}`);
  }
  return command;
}

/** Whether the option has a value when nobody gives it one. */
export function hasDefault({ type, default: value }: OptionDeclaration): boolean {
  return type === "list" ? value.length > 0 : value !== null;
}

/** What stands for the value in help and tables. */
export function toPlaceholder(declaration: OptionDeclaration): string {
  switch (declaration.type) {
    case "text":
    case "optional text":
      return declaration.placeholder;
    case "list":
      return `${declaration.placeholder},…`;
    case "integer":
    case "number":
      return "N";
    case "choice":
      return "CHOICE";
    case "switch":
      return "";
  }
}
