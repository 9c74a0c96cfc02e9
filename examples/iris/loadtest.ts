import { between, check, defineUser, task, type VirtualUser } from "tepal/load";

const FEATURES = ["sepal_length", "sepal_width", "petal_length", "petal_width"] as const;
/** Every fifth row of the training data (iris.csv), in cm. */
const ROWS = [
  [5.1, 3.5, 1.4, 0.2],
  [5.4, 3.9, 1.7, 0.4],
  [5.4, 3.7, 1.5, 0.2],
  [5.7, 4.4, 1.5, 0.4],
  [5.4, 3.4, 1.7, 0.2],
  [5, 3, 1.6, 0.2],
  [4.8, 3.1, 1.6, 0.2],
  [5, 3.2, 1.2, 0.2],
  [5, 3.5, 1.3, 0.3],
  [4.8, 3, 1.4, 0.3],
  [7, 3.2, 4.7, 1.4],
  [5.7, 2.8, 4.5, 1.3],
  [5, 2, 3.5, 1],
  [6.7, 3.1, 4.4, 1.4],
  [5.9, 3.2, 4.8, 1.8],
  [6.6, 3, 4.4, 1.4],
  [5.5, 2.4, 3.8, 1.1],
  [6, 3.4, 4.5, 1.6],
  [5.5, 2.6, 4.4, 1.2],
  [5.7, 3, 4.2, 1.2],
  [6.3, 3.3, 6, 2.5],
  [7.6, 3, 6.6, 2.1],
  [6.5, 3.2, 5.1, 2],
  [6.4, 3.2, 5.3, 2.3],
  [6.9, 3.2, 5.7, 2.3],
  [7.2, 3.2, 6, 1.8],
  [7.4, 2.8, 6.1, 1.9],
  [7.7, 3, 6.1, 2.3],
  [6.7, 3.1, 5.6, 2.4],
  [6.7, 3, 5.2, 2.3],
] as const;
/** Largest difference from a training value: no two requests are equal. */
const NOISE = 0.05;
/** Share of rows outside the training data. */
const OUTLIERS = 0.05;

/** Draws a row like those of the training data. Uniform values of each feature would be far from it: flowers have no such shapes. */
function drawRow({ random }: VirtualUser): Record<string, number> {
  const factor = random.uniform() < OUTLIERS ? 10 : 1;
  const row = ROWS[random.below(ROWS.length)]!;
  return Object.fromEntries(
    FEATURES.map((feature, i) => [
      feature,
      factor * (row[i]! + NOISE * (2 * random.uniform() - 1)),
    ]),
  );
}

async function predict(user: VirtualUser): Promise<void> {
  const reply = await user.post("/predict", { json: drawRow(user) });
  check(reply, { "has a class": () => "label" in reply.json<object>() });
}

async function health(user: VirtualUser): Promise<void> {
  await user.get("/");
}

async function metrics(user: VirtualUser): Promise<void> {
  await user.get("/metrics");
}

export default defineUser({
  name: "Visitor",
  waitTime: between(1, 3),
  tasks: [task(3, predict), task(1, health), task(1, metrics, { tags: ["monitoring"] })],
});
