import helmet from "@fastify/helmet";
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";
import type { AppParts } from "../http.ts";
import { describeModels } from "./describe-models.ts";

/** The page loads everything from here and nothing from elsewhere; Swagger UI needs its styles inline. */
const PAGE_POLICY = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'self'"],
    imgSrc: ["'self'", "data:"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    objectSrc: ["'none'"],
    frameAncestors: ["'none'"],
    baseUri: ["'none'"],
    formAction: ["'self'"],
  },
};

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
      components: {
        securitySchemes: {
          key: { type: "http", scheme: "bearer", description: "A key made with `tepal keys add`" },
        },
      },
      security: [{ key: [] }],
      tags: [
        { name: "predictions", description: "Ask a model" },
        { name: "models", description: "Which models there are" },
        { name: "server", description: "Health and metrics" },
      ],
    },
  });
  const describe = (document: object): Record<string, unknown> =>
    describeModels(document, parts.registry.ready(), parts.registry.list());
  await app.register(async (docs) => {
    // Only a page needs these headers; on each prediction they would cost more than they protect.
    await docs.register(helmet, { contentSecurityPolicy: PAGE_POLICY, hsts: false });
    await docs.register(swaggerUi, {
      routePrefix: "/docs",
      uiConfig: {
        layout: "BaseLayout",
        docExpansion: "list",
        tryItOutEnabled: true,
        displayRequestDuration: true,
        defaultModelsExpandDepth: -1,
        persistAuthorization: true,
      },
      theme: { title: "Tepal API" },
      transformSpecificationClone: false,
      transformSpecification: describe,
    });
  });
  app.get("/openapi.json", { schema: { hide: true } }, () => describe(app.swagger()));
}
