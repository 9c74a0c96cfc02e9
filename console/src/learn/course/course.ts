import { FIRST_STEPS } from "./first-steps.ts";
import type { Mechanics } from "./mechanics.ts";

/** The mechanics of every step of the tutorial, by its id. */
export const MECHANICS: Readonly<Record<string, Mechanics>> = {
  ...FIRST_STEPS,
};
