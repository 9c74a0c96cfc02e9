import type { Profile } from "../contract/plan.ts";
import { toBaseline } from "./baseline.ts";
import { toGradual } from "./gradual.ts";
import { toRecovery } from "./recovery.ts";
import type { ShapeParameters, Stage } from "./stage.ts";
import { toStress } from "./stress.ts";

const SHAPES = {
  baseline: toBaseline,
  gradual: toGradual,
  stress: toStress,
  recovery: toRecovery,
} as const satisfies Record<string, (parameters: ShapeParameters) => readonly Stage[]>;

export const SHAPE_NAMES = ["baseline", "gradual", "stress", "recovery"] as const;

/** The stages of a profile; none where it has no shape. */
export function toStages(profile: Profile): readonly Stage[] {
  if (!("stage_seconds" in profile)) return [];
  return SHAPES[profile.kind]({
    users: profile.users,
    spawnRate: profile.spawn_rate,
    stageSeconds: profile.stage_seconds,
  });
}
