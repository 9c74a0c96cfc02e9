/** A JSON object whose fields are not known. */
export type Json = Readonly<Record<string, unknown>>;

export interface Example {
  readonly name: string;
  readonly summary: string;
  /** As it is sent or received: JSON is indented. */
  readonly text: string;
}

/** A body of a request or reply in one media type. */
export interface Content {
  readonly type: string;
  readonly schema: Json;
  readonly examples: readonly Example[];
}

export interface Field {
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
  readonly description: string;
}

export interface Parameter extends Field {
  readonly place: string;
}

export interface Response {
  readonly status: string;
  readonly description: string;
  readonly contents: readonly Content[];
}

export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
  /** Empty without a body. */
  readonly bodies: readonly Content[];
  readonly responses: readonly Response[];
}

export interface Group {
  readonly tag: string;
  readonly description: string;
  readonly operations: readonly Operation[];
}

function toJson(value: unknown): Json {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function toList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function toText(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Replaces a reference `#/components/…` by what it names. */
function follow(document: Json, value: unknown): Json {
  const json = toJson(value);
  const { $ref } = json;
  if (typeof $ref !== "string") return json;
  const target = $ref
    .slice(2)
    .split("/")
    .reduce<unknown>((found, key) => toJson(found)[key], document);
  return target === undefined ? {} : follow(document, target);
}

/** Lists the operations of an OpenAPI document by their first tag, in the order of its tags. */
export function listGroups(document: Json): readonly Group[] {
  const operations = Object.entries(toJson(document["paths"])).flatMap(([path, item]) =>
    Object.entries(toJson(item)).map(([method, operation]) =>
      toOperation(document, path, method, toJson(operation)),
    ),
  );
  const named = toList(document["tags"]).map((tag) => {
    const { name, description } = toJson(tag);
    return { tag: toText(name), description: toText(description) };
  });
  const others = [...new Set(operations.map(({ tag }) => tag))]
    .filter((tag) => !named.some((each) => each.tag === tag))
    .map((tag) => ({ tag, description: "" }));
  return [...named, ...others]
    .map((group) => ({
      ...group,
      operations: operations.filter(({ tag }) => tag === group.tag),
    }))
    .filter((group) => group.operations.length > 0);
}

function toOperation(document: Json, path: string, method: string, operation: Json): Operation {
  return {
    id: toText(operation["operationId"]),
    method: method.toUpperCase(),
    path,
    tag: toText(toList(operation["tags"])[0]) || "application",
    summary: toText(operation["summary"]),
    description: toText(operation["description"]),
    parameters: toList(operation["parameters"]).map((given) => {
      const { name, in: place, required, description, schema } = follow(document, given);
      return {
        name: toText(name),
        place: toText(place),
        type: describeType(document, schema),
        isRequired: required === true,
        description: toText(description) || toText(toJson(schema)["description"]),
      };
    }),
    bodies: toContents(document, operation["requestBody"]),
    responses: Object.entries(toJson(operation["responses"])).map(([status, given]) => ({
      status,
      description: toText(follow(document, given)["description"]),
      contents: toContents(document, given),
    })),
  };
}

function toContents(document: Json, holder: unknown): readonly Content[] {
  return Object.entries(toJson(follow(document, holder)["content"])).map(([type, given]) => {
    const { schema, example, examples } = toJson(given);
    const named = Object.entries(toJson(examples)).map(([name, each]) => {
      const { summary, value } = toJson(each);
      return { name, summary: toText(summary) || name, text: formatExample(value) };
    });
    const single =
      example === undefined
        ? []
        : [{ name: "example", summary: "Example", text: formatExample(example) }];
    return { type, schema: toJson(schema), examples: [...named, ...single] };
  });
}

function formatExample(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

const MAX_DEPTH = 4;

/** Lists the fields of an object schema, those of nested objects with their path: `out_of_distribution.p_value`, `warnings[].code`. */
export function listFields(document: Json, schema: Json, depth = 0): readonly Field[] {
  const resolved = follow(document, schema);
  const variants = [...toList(resolved["anyOf"]), ...toList(resolved["oneOf"])];
  if (resolved["type"] === "array" && depth < MAX_DEPTH) {
    return listFields(document, toJson(resolved["items"]), depth + 1).map((field) => ({
      ...field,
      name: `[].${field.name}`,
    }));
  }
  if (variants.length > 0) {
    const fields = variants.flatMap((each) => listFields(document, toJson(each), depth));
    return fields.filter(({ name }, i) => fields.findIndex((field) => field.name === name) === i);
  }
  const required = toList(resolved["required"]);
  return Object.entries(toJson(resolved["properties"])).flatMap(([name, property]) => {
    const own: Field = {
      name,
      type: describeType(document, property),
      isRequired: required.includes(name),
      description:
        toText(toJson(property)["description"]) ||
        toText(follow(document, property)["description"]),
    };
    const nested =
      depth < MAX_DEPTH
        ? listFields(document, toJson(property), depth + 1).map((field) => ({
            ...field,
            name: field.name.startsWith("[]") ? `${name}${field.name}` : `${name}.${field.name}`,
          }))
        : [];
    return [own, ...nested];
  });
}

/** Describes a schema in a few words: `number`, `string or null`, `list of object`. */
export function describeType(document: Json, schema: unknown): string {
  const resolved = follow(document, schema);
  const variants = [...toList(resolved["anyOf"]), ...toList(resolved["oneOf"])];
  if (variants.length > 0) {
    return [...new Set(variants.map((each) => describeType(document, each)))].join(" or ");
  }
  const choices = toList(resolved["enum"]);
  if (choices.length > 0 && choices.length <= 6) {
    return choices.map((choice) => JSON.stringify(choice)).join(" or ");
  }
  if ("const" in resolved) return JSON.stringify(resolved["const"]);
  const { type } = resolved;
  if (type === "array") return `list of ${describeType(document, resolved["items"])}`;
  return typeof type === "string" ? type : "any";
}
