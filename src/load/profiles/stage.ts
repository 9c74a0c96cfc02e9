/** A part of a run: so many users are wanted for so long. */
export interface Stage {
  readonly name: string;
  readonly users: number;
  readonly spawnRate: number;
  readonly seconds: number;
}

/** What a shape is told. */
export interface ShapeParameters {
  /** The most that it ever has. */
  readonly users: number;
  readonly spawnRate: number;
  /** How long each stage lasts. */
  readonly stageSeconds: number;
}

/** The stage at a moment; null when all are over. */
export function findStage(stages: readonly Stage[], elapsedSeconds: number): Stage | null {
  let end = 0;
  for (const stage of stages) {
    end += stage.seconds;
    if (elapsedSeconds < end) return stage;
  }
  return null;
}

/** A share of the users, but at least one. */
export function toPart({ users }: ShapeParameters, share: number): number {
  return Math.max(1, Math.round(users * share));
}
