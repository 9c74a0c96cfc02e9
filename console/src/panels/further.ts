import { loadOnDemand } from "./on-demand.tsx";

/** Makes components that the Overview dashboard does not have. */
export const further = loadOnDemand(() => import("./further-panels.ts"));
