import { toMessage } from "../../kernel/errors.ts";
import type { TargetUsers } from "../generator/generator.ts";
import type { Load, Stage } from "../profiles/profile.ts";

/** The course of a load, second by second. */
export interface LoadSchedule {
  /** Returns the change at a moment. @param elapsedSeconds since the start of the run */
  next(elapsedSeconds: number): Promise<LoadStep>;
}

export type LoadStep =
  | { readonly type: "keep" }
  | {
      readonly type: "users";
      readonly target: TargetUsers;
      /** Name of the stage; "" if it has none. */
      readonly stage: string;
      /** Text for a mark in charts; null for no mark. */
      readonly mark: string | null;
    }
  /** The load has ended, or its script has a problem. */
  | { readonly type: "end"; readonly problem: string | null };

/** @param callShape calls the shape of the script; undefined if no generator is left to do it */
export function createSchedule(
  load: Load,
  callShape: (elapsedSeconds: number) => Promise<TargetUsers | null | undefined>,
): LoadSchedule {
  switch (load.type) {
    case "stages":
      return createStageSchedule(load.stages);
    case "script":
      return createScriptSchedule(callShape);
    case "arrivals":
      return { next: async () => KEEP };
  }
}

const KEEP: LoadStep = { type: "keep" };
const END: LoadStep = { type: "end", problem: null };

function createStageSchedule(stages: readonly Stage[]): LoadSchedule {
  let current: Stage | undefined;
  return {
    async next(elapsedSeconds) {
      const stage = findStage(stages, elapsedSeconds);
      if (stage === undefined) return END;
      if (stage === current) return KEEP;
      current = stage;
      const { name, users, spawnRate } = stage;
      const mark = name === "" ? null : `${name}: ${users} users`;
      return { type: "users", target: { users, spawnRate }, stage: name, mark };
    },
  };
}

/** Returns the stage at a moment; undefined after the last one. */
export function findStage(stages: readonly Stage[], elapsedSeconds: number): Stage | undefined {
  let end = 0;
  return stages.find(({ seconds }) => {
    end += seconds;
    return elapsedSeconds < end;
  });
}

function createScriptSchedule(
  callShape: (elapsedSeconds: number) => Promise<TargetUsers | null | undefined>,
): LoadSchedule {
  let current: TargetUsers | undefined;
  return {
    async next(elapsedSeconds) {
      let target: TargetUsers | null | undefined;
      try {
        target = await callShape(elapsedSeconds);
      } catch (error) {
        return { type: "end", problem: `The script's shape failed: ${toMessage(error)}` };
      }
      if (target === undefined) return KEEP;
      if (target === null) return END;
      const isSame = target.users === current?.users && target.spawnRate === current.spawnRate;
      if (isSame) return KEEP;
      current = target;
      return { type: "users", target, stage: "", mark: `${target.users} users` };
    },
  };
}
