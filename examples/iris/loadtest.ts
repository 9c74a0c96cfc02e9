import { between, check, defineUser, task, type VirtualUser } from "tepal/load";

/** Ranges of the training rows in cm. */
const RANGES = {
  sepal_length: [4.3, 7.9],
  sepal_width: [2.0, 4.4],
  petal_length: [1.0, 6.9],
  petal_width: [0.1, 2.5],
} as const;
/** Share of rows outside the training data. */
const OUTLIERS = 0.05;

function drawRow({ random }: VirtualUser): Record<string, number> {
  const factor = random.uniform() < OUTLIERS ? 10 : 1;
  return Object.fromEntries(
    Object.entries(RANGES).map(([feature, [minimum, maximum]]) => [
      feature,
      factor * (minimum + random.uniform() * (maximum - minimum)),
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
