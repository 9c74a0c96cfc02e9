import { spawnSync } from "node:child_process";
import { cp } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

/** A server of the comparison that must be compiled. */
interface CompiledPeer {
  readonly name: string;
  /** Folder with its sources. */
  readonly sources: string;
  /** Compiler and arguments, in a copy of the folder. */
  readonly command: readonly [string, ...string[]];
  /** The program, in the copy. */
  readonly program: string;
}

export const COMPILED_PEERS: readonly CompiledPeer[] = [
  {
    name: "Go net/http",
    sources: "./go-iris",
    command: ["go", "build", "-o", "server", "."],
    program: "server",
  },
  {
    name: "Rust axum",
    sources: "./axum-iris",
    command: ["cargo", "build", "--release", "--quiet"],
    program: "target/release/iris",
  },
];

/**
 * Compiles a server into a folder.
 * @returns the path of its program; undefined if the compilation failed, after printing the reason
 */
export async function compilePeer(
  { name, sources, command, program }: CompiledPeer,
  parent: string,
): Promise<string | undefined> {
  const folder = join(parent, basename(sources));
  await cp(fileURLToPath(new URL(sources, import.meta.url)), folder, { recursive: true });
  const [compiler, ...words] = command;
  const { error, status, stderr } = spawnSync(compiler, words, { cwd: folder, encoding: "utf8" });
  if (error === undefined && status === 0) return join(folder, program);
  const reason =
    error === undefined
      ? `${compiler} failed: ${stderr.trim().split("\n").at(-1)}`
      : `${compiler} cannot be started: ${error.message}`;
  console.log(`${name} is not measured: ${reason}`);
  return undefined;
}
