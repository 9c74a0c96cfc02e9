import type { RunPlan } from "../../../src/load/contract/plan.ts";
import type { ScriptDescription } from "../../../src/load/contract/script-description.ts";

/** Shares of a task, from 0 to 1. */
export interface TaskRatio {
  readonly name: string;
  /** Among the tasks of its class. */
  readonly share: number;
  /** Among all tasks of all users. */
  readonly total: number;
}

export interface ClassRatio {
  readonly name: string;
  /** Share of all users. */
  readonly share: number;
  readonly tasks: readonly TaskRatio[];
}

/** Returns the shares by weight of the classes and tasks that the plan selects. */
export function toRatios(
  script: ScriptDescription,
  plan: Pick<RunPlan, "user_classes" | "tags" | "exclude_tags">,
): readonly ClassRatio[] {
  const takesPart = ({ tags }: { readonly tags: readonly string[] }) =>
    (plan.tags.length === 0 || tags.some((tag) => plan.tags.includes(tag))) &&
    !tags.some((tag) => plan.exclude_tags.includes(tag));
  const classes = script.user_classes
    .filter(({ name }) => plan.user_classes.length === 0 || plan.user_classes.includes(name))
    .map(({ name, weight, tasks }) => ({ name, weight, tasks: tasks.filter(takesPart) }))
    .filter(({ tasks }) => tasks.length > 0);
  const classWeights = sum(classes);
  return classes.map(({ name, weight, tasks }) => {
    const share = divide(weight, classWeights);
    const taskWeights = sum(tasks);
    return {
      name,
      share,
      tasks: tasks.map((task) => {
        const ofClass = divide(task.weight, taskWeights);
        return { name: task.name, share: ofClass, total: ofClass * share };
      }),
    };
  });
}

function sum(weighted: readonly { readonly weight: number }[]): number {
  return weighted.reduce((total, { weight }) => total + weight, 0);
}

function divide(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
