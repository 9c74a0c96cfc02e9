import type { User } from "../script/definitions.ts";

/**
 * Returns a function that yields class after class, so that after any number of calls each class has its share by weight, within one.
 *
 * @param weights ≥ 0, at least one of them > 0
 */
export function createClassSequence(weights: readonly number[]): () => number {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const counts = weights.map(() => 0);
  let length = 0;
  return () => {
    length += 1;
    // The class that is furthest behind its share.
    let best = 0;
    let largest = -Infinity;
    for (const [index, weight] of weights.entries()) {
      if (weight === 0) continue;
      const behind = (weight / sum) * length - counts[index]!;
      if (behind > largest + 1e-9) [best, largest] = [index, behind];
    }
    counts[best]! += 1;
    return best;
  };
}

/** Returns a function from the number of a user to its class in that sequence. */
export function createClassPicker(weights: readonly number[]): (id: number) => number {
  const next = createClassSequence(weights);
  const picked: number[] = [];
  return (id) => {
    while (picked.length <= id) picked.push(next());
    return picked[id]!;
  };
}

/** Selects the tasks of a class by tag. */
export function selectTasks(
  { tasks }: User,
  tags: readonly string[],
  excludeTags: readonly string[],
): User["tasks"] {
  return tasks.filter(
    (task) =>
      task.weight > 0 &&
      (tags.length === 0 || task.tags.some((tag) => tags.includes(tag))) &&
      !task.tags.some((tag) => excludeTags.includes(tag)),
  );
}
