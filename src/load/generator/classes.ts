import type { User } from "../script/define.ts";

/**
 * Says class after class, so that at any length each has its share by weight, but for less than one.
 *
 * @param weights not negative, at least one of them above 0
 */
export function createClassSequence(weights: readonly number[]): () => number {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const counts = weights.map(() => 0);
  let length = 0;
  return () => {
    length += 1;
    // The one that is furthest behind its share.
    let best = 0;
    let most = -Infinity;
    for (const [index, weight] of weights.entries()) {
      if (weight === 0) continue;
      const behind = (weight / sum) * length - (counts[index] ?? 0);
      if (behind > most + 1e-9) [best, most] = [index, behind];
    }
    counts[best] = (counts[best] ?? 0) + 1;
    return best;
  };
}

/** Says of which class each user is, by number, in that sequence. */
export function createClassPicker(weights: readonly number[]): (id: number) => number {
  const next = createClassSequence(weights);
  const picked: number[] = [];
  return (id) => {
    while (picked.length <= id) picked.push(next());
    return picked[id] ?? 0;
  };
}

/** The tasks of a class that take part. */
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
