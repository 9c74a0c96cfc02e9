import type { Parser } from "./check.ts";
import { list } from "./check/containers.ts";
import { boolean, integer, nullable, number, oneOf, string, type Range } from "./check/values.ts";
import type { OptionDeclaration } from "./options.ts";

/** Returns the parser of the values that a declaration allows. */
export function toOptionParser(declaration: OptionDeclaration): Parser<unknown> {
  switch (declaration.type) {
    case "integer":
      return integer(toRange(declaration));
    case "number":
      return number(toRange(declaration));
    case "switch":
      return boolean();
    case "choice":
      return oneOf(declaration.choices);
    case "string":
      return string({ minLength: 1 });
    case "optional string":
      return nullable(declaration.value ?? string({ minLength: 1 }));
    case "list":
      return list(declaration.item);
  }
}

function toRange(declaration: OptionDeclaration & { readonly type: "integer" | "number" }): Range {
  const { min, max, exclusive = false } = declaration;
  return exclusive ? { above: min, below: max } : { min, max };
}
