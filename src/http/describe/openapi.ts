import helmet from "@fastify/helmet";
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";
import type { AppParts } from "../http.ts";
import { describeModels } from "./describe-models.ts";
import { describeOperations } from "./describe-operations.ts";
import { nameSchemas } from "./name-schemas.ts";

/** The page loads resources from this server only. Swagger UI needs inline styles. */
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

const DOCS = "/docs";
const PAGE_ROUTES: ReadonlySet<string | undefined> = new Set([DOCS, `${DOCS}/`]);
const INDEX_ROUTE = `${DOCS}/static/index.html`;

/**
 * Serves the OpenAPI document at /openapi.json, and as a page at /docs. It is generated from the schemas of the routes; the
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
  const describe = (document: object): Record<string, unknown> => {
    const described = describeModels(document, registry.ready(), registry.list());
    return nameSchemas(describeOperations(described, options));
  };
  await app.register(async (docs) => {
    // Only the page needs these headers; on each prediction they would cost time and protect nothing.
    await docs.register(helmet, { contentSecurityPolicy: PAGE_POLICY, hsts: false });
    docs.addHook("onRequest", (request, reply, done) => {
      // The page computes the URLs of its assets and of the document from its own, and expects no query there.
      const [path = "", query] = request.url.split("?", 2);
      if (query === undefined || !PAGE_ROUTES.has(request.routeOptions.url)) return done();
      return void reply.redirect(path.endsWith("/") ? "./" : `.${DOCS}`);
    });
    docs.addHook("onSend", (request, reply, _payload, done) => {
      // The plugin redirects /docs/static/index.html to /docs/, without the path that a proxy strips.
      if (request.routeOptions.url === INDEX_ROUTE) void reply.header("location", "../");
      done();
    });
    await docs.register(swaggerUi, {
      routePrefix: DOCS,
      // Assets relative to the page: a proxy may strip a path.
      indexPrefix: ".",
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
      // The page sends requests to the server that it comes from, by any name and below any path: its policy allows no other.
      transformSpecification: (document) => ({ ...describe(document), servers: [{ url: ".." }] }),
    });
  });
  app.get("/openapi.json", { schema: { hide: true } }, () => describe(app.swagger()));
}
