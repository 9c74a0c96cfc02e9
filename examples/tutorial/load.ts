import { defineUser, task } from "tepal/load";
import Visitor from "../iris/loadtest.ts";

/** A batch takes long enough for its server that the other requests wait. */
const ROWS = 10_000;
const BATCH = JSON.stringify({
  instances: Array.from({ length: ROWS }, () => [5.1, 3.5, 1.4, 0.2]),
});

/** Sends one large batch after the other, without a pause. */
const Importer = defineUser({
  name: "Importer",
  tasks: [
    task(
      1,
      async ({ post }) => {
        await post("/predict/batch", {
          body: BATCH,
          headers: { "Content-Type": "application/json" },
        });
      },
      { name: "import" },
    ),
  ],
});

export default [Visitor, Importer];
