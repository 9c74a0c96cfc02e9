import { isJsonObject, toJsonObject, type JsonObject } from "../../kernel/json.ts";

/** Keys whose values are data, not schemas. */
const DATA = new Set(["const", "default", "enum", "example", "examples"]);

/**
 * Moves every schema with a `title` from the paths and responses of an OpenAPI document to its named schemas, so that generated clients
 * have a type with this name. A schema whose title another schema has stays where it is.
 * @param document not changed
 */
export function nameSchemas(document: JsonObject): JsonObject {
  const given = toJsonObject(document["components"]);
  const schemas: Record<string, unknown> = { ...toJsonObject(given["schemas"]) };
  const texts = new Map(Object.entries(schemas).map(([name, schema]) => [name, toText(schema)]));

  function visit(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(visit);
    if (!isJsonObject(value)) return value;
    const { title, ...rest } = value;
    const visited = Object.fromEntries(
      Object.entries(rest).map(([key, item]) => [key, DATA.has(key) ? item : visit(item)]),
    );
    if (typeof title !== "string") {
      return Object.hasOwn(value, "title") ? { ...visited, title: visit(title) } : visited;
    }
    const text = toText(visited);
    const known = texts.get(title);
    if (known !== undefined && known !== text) return { title, ...visited };
    texts.set(title, text);
    schemas[title] = visited;
    return { $ref: `#/components/schemas/${title}` };
  }

  const paths = visit(document["paths"]);
  const responses = visit(given["responses"]);
  const sorted = Object.entries(schemas).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...document,
    paths,
    components: { ...given, schemas: Object.fromEntries(sorted), responses },
  };
}

function toText(schema: unknown): string {
  return JSON.stringify(schema);
}
