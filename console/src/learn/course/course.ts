import { DASHBOARDS } from "./dashboards.ts";
import { FIRST_STEPS } from "./first-steps.ts";
import type { Mechanics } from "./mechanics.ts";
import { OPERATIONS } from "./operations.ts";
import { PREDICTIONS } from "./predictions.ts";
import { QUERIES } from "./queries.ts";

/** The mechanics of every step of the tutorial, by its id. */
export const MECHANICS: Readonly<Record<string, Mechanics>> = {
  ...FIRST_STEPS,
  ...PREDICTIONS,
  ...QUERIES,
  ...DASHBOARDS,
  ...OPERATIONS,
};
