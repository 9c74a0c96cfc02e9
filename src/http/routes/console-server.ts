import type { FastifyInstance } from "fastify";
import type { Static } from "typebox";
import { ROLES, type StoredKey } from "../access/api-keys.ts";
import { isAllowed } from "../access/authorize.ts";
import type { AppParts } from "../http.ts";
import { CONSOLE_SERVER } from "../schemas/console.ts";

/**
 * Adds the route that the console polls: the state of the server, and the roles of the request's key, so that a page can name a missing
 * role before a request fails. It stays below /console, whose requests count in no statistics of clients and have no rate limit.
 */
export function addConsoleServerRoute(app: FastifyInstance, parts: AppParts): void {
  const { registry, credentials, clock, version } = parts;

  app.get(
    "/console/server",
    {
      config: { access: "any key" },
      // Documented in docs/console.md: for the page, not for programs.
      schema: { hide: true, security: [], response: { 200: CONSOLE_SERVER } },
    },
    async ({ apiKey }, reply): Promise<Static<typeof CONSOLE_SERVER>> => {
      const isOpen = credentials.keys() === null;
      const isKnown = isOpen || apiKey !== null;
      const serving = registry.list().find((model) => model.isDefault);
      void reply.header("cache-control", "no-store");
      return {
        state: toState(parts),
        now: clock.nowMs(),
        monitor: await findMonitorState(parts),
        key_required: !isOpen,
        role: apiKey?.role ?? null,
        allows: listAllowed(isOpen, apiKey),
        version: isKnown ? version : null,
        model:
          isKnown && typeof serving?.serving === "number"
            ? { name: serving.name, version: serving.serving }
            : null,
      };
    },
  );
}

function toState({ isDraining, registry }: AppParts): Static<typeof CONSOLE_SERVER>["state"] {
  if (isDraining()) return "stopping";
  return registry.isReady() ? "ready" : "no model";
}

/** A real Prometheus counts as ready: queries report why it does not reply, and the console must not wait for it. */
async function findMonitorState({
  monitor,
  options,
}: AppParts): Promise<Static<typeof CONSOLE_SERVER>["monitor"]> {
  if (options.prometheusUrl !== null) return "ready";
  if (monitor === undefined) return "absent";
  return (await monitor.isReady()) ? "ready" : "starting";
}

/** Without keys, every route is open but those of the role admin. */
function listAllowed(isOpen: boolean, key: StoredKey | null): (typeof ROLES)[number][] {
  if (isOpen) return ROLES.filter((role) => role !== "admin");
  return ROLES.filter((role) => key !== null && isAllowed(key, role));
}
