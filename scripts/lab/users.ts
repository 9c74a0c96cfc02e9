/** The users of the lab's recording. The user classes join one after another (record.ts). */
import { between, defineUser, task, type VirtualUser } from "tepal/load";
import { IRIS } from "../../test/support/models.ts";

const FEATURES = ["sepal_length", "sepal_width", "petal_length", "petal_width"] as const;
/** Largest difference from a training value, in cm. */
const NOISE = 0.05;
const CM_PER_INCH = 2.54;
const BATCH_ROWS = 20;
const LARGE_BATCH = JSON.stringify({
  instances: Array.from({ length: 10_000 }, (_, row) => IRIS[row % IRIS.length]!.row),
});
const JSON_TYPE = { "content-type": "application/json" };

function drawRow({ random }: VirtualUser): readonly number[] {
  const { row } = IRIS[random.below(IRIS.length)]!;
  return row.map((value) => value + NOISE * (2 * random.uniform() - 1));
}

function toObject(row: readonly number[]): Record<string, number> {
  return Object.fromEntries(FEATURES.map((feature, index) => [feature, row[index]!]));
}

const Visitor = defineUser({
  name: "Visitor",
  waitTime: between(0.3, 0.9),
  tasks: [
    task(30, (user) => user.post("/predict", { json: toObject(drawRow(user)) }), { name: "row" }),
    task(
      3,
      (user) => {
        const instances = Array.from({ length: BATCH_ROWS }, () => drawRow(user));
        return user.post("/predict/batch", { json: { instances } });
      },
      { name: "batch" },
    ),
    task(2, (user) => user.get("/models"), { name: "models" }),
    task(1, (user) => user.get("/health/ready"), { name: "health" }),
  ],
});

/** Sends a string for a number, broken JSON, and a path that does not exist. */
const Careless = defineUser({
  name: "Careless",
  waitTime: between(0.1, 0.5),
  tasks: [
    task(4, (user) => user.post("/predict", { json: { sepal_length: "long" } }), { name: "text" }),
    task(2, (user) => user.post("/predict", { body: "{", headers: JSON_TYPE }), { name: "broken" }),
    task(1, (user) => user.get("/predictions"), { name: "nowhere" }),
  ],
});

/** Sends one large batch after another: all other requests wait for them. */
const Importer = defineUser({
  name: "Importer",
  waitTime: between(0.1, 0.3),
  tasks: [
    task(1, (user) => user.post("/predict/batch", { body: LARGE_BATCH, headers: JSON_TYPE }), {
      name: "import",
    }),
  ],
});

/** Measures in inches. */
const Inches = defineUser({
  name: "Inches",
  waitTime: between(0.2, 0.6),
  tasks: [
    task(
      1,
      (user) => {
        const row = drawRow(user).map((value) => value / CM_PER_INCH);
        return user.post("/predict", { json: toObject(row) });
      },
      { name: "inches" },
    ),
  ],
});

export default [Visitor, Careless, Importer, Inches];
