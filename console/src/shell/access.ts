import type { Page } from "./pages.ts";
import type { Role, ServerState } from "./server-state.ts";

/** The reason why a page cannot be used now; undefined if it can. */
export type Obstacle =
  | { readonly kind: "sign-in" }
  /** The key lacks the role `needed`. */
  | { readonly kind: "role"; readonly needed: Role }
  | { readonly kind: "no monitor" | "monitor starts" }
  | undefined;

type Needs = Pick<Page, "needs" | "role">;

/** Returns the role that a page requires. */
export function toRole({ needs, role }: Needs): Role {
  return role ?? (needs === "monitor" ? "metrics" : "predict");
}

export function findObstacle(page: Needs, server: ServerState): Obstacle {
  const needed = toRole(page);
  if (server.key_required && server.role === null) return { kind: "sign-in" };
  if (!server.allows.includes(needed)) return { kind: "role", needed };
  if (page.needs === "server" || server.monitor === "ready") return undefined;
  return { kind: server.monitor === "absent" ? "no monitor" : "monitor starts" };
}

/** The roles of keys that open a page, for advice. */
export function listSufficient(needed: Role): readonly Role[] {
  return needed === "admin" || needed === "load"
    ? [...new Set<Role>([needed, "admin"])]
    : [needed, "load", "admin"];
}

/** `metrics, load or admin`. */
export function joinRoles(roles: readonly Role[]): string {
  return roles.length < 2
    ? roles.join("")
    : `${roles.slice(0, -1).join(", ")} or ${roles.at(-1) ?? ""}`;
}
