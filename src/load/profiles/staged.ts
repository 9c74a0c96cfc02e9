import { SPAWN_RATE, STAGE_SECONDS, USERS } from "./fields.ts";

/** Fields of a profile with named stages. */
export const STAGED_FIELDS = {
  users: USERS,
  spawn_rate: SPAWN_RATE,
  stage_seconds: STAGE_SECONDS,
} as const;

/** Returns a share of the users, but at least one. */
export function toPart(users: number, share: number): number {
  return Math.max(1, Math.round(users * share));
}
