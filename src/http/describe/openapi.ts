import swagger from "@fastify/swagger";
import type { FastifyInstance } from "fastify";
import type { AppParts } from "../http.ts";
import { describeModels } from "./describe-models.ts";
import { describeOperations } from "./describe-operations.ts";
import { nameSchemas } from "./name-schemas.ts";

/**
 * Serves the OpenAPI document at /openapi.json, which the page at /docs shows. It is generated from the schemas of the routes; the
 * features, ranges and examples of the loaded models are added at each request, because models change.
 */
export async function documentApi(app: FastifyInstance, parts: AppParts): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Tepal",
        version: parts.version,
        license: { name: "MIT", identifier: "MIT" },
        description:
          "Predictions of tabular models, each with a trust verdict. Errors are problem details (RFC 9457).",
      },
      servers: [{ url: parts.options.externalUrl ?? "/" }],
      components: {
        securitySchemes: {
          key: {
            type: "http",
            scheme: "bearer",
            description: "An API key, created with `tepal keys add`",
          },
        },
      },
      security: [{ key: [] }],
      tags: [
        { name: "predictions", description: "Predict rows with a model" },
        { name: "models", description: "Models, versions and manifests" },
        { name: "server", description: "Health, metrics and administration" },
      ],
    },
  });
  const { options, registry } = parts;
  const describe = async (document: object): Promise<Record<string, unknown>> => {
    const described = await describeModels(document, registry.ready(), registry.list());
    return nameSchemas(describeOperations(described, options));
  };
  app.get("/openapi.json", { schema: { hide: true } }, () => describe(app.swagger()));
}
