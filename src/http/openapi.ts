import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";
import type { AppParts } from "./http.ts";
import { describeModels } from "./describe-models.ts";

/**
 * Offers the API's description at /openapi.json and as a page at /docs. The routes' schemas give the frame;
 * the loaded models' features, ranges and examples are filled in at each request, since models change.
 */
export async function documentApi(app: FastifyInstance, parts: AppParts): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Tepal",
        version: parts.version,
        description:
          "Predictions from a tabular model, each with a judgement of how far it can be trusted. " +
          "Errors are problem details (RFC 9457).",
      },
      tags: [
        { name: "predictions", description: "Ask a model" },
        { name: "models", description: "Which models there are" },
        { name: "server", description: "Health and metrics" },
      ],
    },
  });
  const describe = (document: object): Record<string, unknown> =>
    describeModels(document, parts.registry.ready(), parts.registry.list());
  await app.register(swaggerUi, {
    routePrefix: "/docs",
    uiConfig: {
      layout: "BaseLayout",
      docExpansion: "list",
      tryItOutEnabled: true,
      displayRequestDuration: true,
      defaultModelsExpandDepth: -1,
    },
    theme: { title: "Tepal API" },
    transformSpecificationClone: false,
    transformSpecification: describe,
  });
  app.get("/openapi.json", { schema: { hide: true } }, () => describe(app.swagger()));
}
