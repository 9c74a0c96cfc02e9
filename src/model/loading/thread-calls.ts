import type { Artifact } from "../artifact.ts";
import type { VerifiedModel } from "./verify-artifact.ts";

/** Calls of the main thread to the loading thread. */
export interface LoadCalls {
  /** Reads and checks a version; its arrays are transferred. @throws TepalError MODEL_DAMAGED or MODEL_UNSUPPORTED */
  load(directory: string): Promise<VerifiedModel>;
  /** Checks a version in memory. @throws TepalError as `load` */
  verify(artifact: Artifact): Promise<VerifiedModel>;
}
