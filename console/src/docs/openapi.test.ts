import { expect, it } from "vitest";
import { describeType, listFields, listGroups } from "./openapi.ts";

const document = {
  tags: [
    { name: "models", description: "Models" },
    { name: "unused", description: "" },
  ],
  paths: {
    "/models/{name}": {
      get: {
        operationId: "getModel",
        tags: ["models"],
        summary: "A model",
        parameters: [{ name: "name", in: "path", required: true, schema: { type: "string" } }],
        responses: {
          200: {
            description: "OK",
            content: {
              "application/json": {
                schema: { $ref: "#/components/schemas/Model" },
                examples: { small: { summary: "Small", value: { name: "a" } } },
              },
            },
          },
          404: { $ref: "#/components/responses/NotFound" },
        },
      },
    },
    "/own": { post: { responses: {} } },
  },
  components: {
    responses: {
      NotFound: {
        description: "Absent",
        content: { "text/csv": { example: "a\n1\n" } },
      },
    },
    schemas: {
      Model: {
        type: "object",
        required: ["name"],
        properties: {
          name: { type: "string", description: "Its name" },
          rows: { type: "array", items: { $ref: "#/components/schemas/Row" } },
          state: { anyOf: [{ type: "string", enum: ["on"] }, { type: "null" }] },
        },
      },
      Row: { type: "object", properties: { values: { type: "array", items: { type: "number" } } } },
    },
  },
};

it("lists operations by tag, with examples and the content of references", () => {
  const [models, own, ...others] = listGroups(document);
  expect(others).toEqual([]);
  expect(models).toMatchObject({ tag: "models", description: "Models" });
  const [operation] = models!.operations;
  expect(operation).toMatchObject({
    id: "getModel",
    method: "GET",
    parameters: [{ name: "name", place: "path", type: "string", isRequired: true }],
    responses: [
      { status: "200", contents: [{ examples: [{ text: '{\n  "name": "a"\n}' }] }] },
      {
        status: "404",
        description: "Absent",
        contents: [{ type: "text/csv", examples: [{ text: "a\n1\n" }] }],
      },
    ],
  });
  expect(own).toMatchObject({ tag: "application", operations: [{ method: "POST", path: "/own" }] });
});

it("lists the fields of a schema with their paths and types", () => {
  const fields = listFields(document, document.components.schemas.Model);
  expect(fields).toMatchObject([
    { name: "name", type: "string", isRequired: true, description: "Its name" },
    { name: "rows", type: "list of object", isRequired: false },
    { name: "rows[].values", type: "list of number" },
    { name: "state", type: '"on" or null' },
  ]);
  expect(describeType(document, {})).toBe("any");
});

it("ends in a schema that contains itself", () => {
  const loop = {
    components: {
      schemas: {
        Node: { type: "object", properties: { next: { $ref: "#/components/schemas/Node" } } },
      },
    },
  };
  expect(listFields(loop, { $ref: "#/components/schemas/Node" }).length).toBeLessThan(10);
});
