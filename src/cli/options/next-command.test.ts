import { afterEach, expect, it, vi } from "vitest";
import { createFolder } from "../../../test/support/folders.ts";
import { describeNext } from "./next-command.ts";

afterEach(() => void vi.unstubAllEnvs());

it.each([
  ["a clone's npm script", "tepal", "run", "npm run tepal -- serve"],
  [
    "a clone's npm script, with an npm before 11.19",
    "tepal",
    "run-script",
    "npm run tepal -- serve",
  ],
  ["npx", "npx", "exec", "npx tepal serve"],
  ["another script", "prestart", "run", "tepal serve"],
  ["a shell", undefined, undefined, "tepal serve"],
])("names the program as it was started: %s", async (_, script, command, expected) => {
  await using folder = await createFolder();
  vi.stubEnv("npm_lifecycle_event", script);
  vi.stubEnv("npm_command", command);
  const lines = await describeNext(folder.path, "wine");
  expect(lines.at(-1)).toBe(`  ${expected} --models ${folder.path}`);
});
