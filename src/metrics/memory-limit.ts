import { totalmem } from "node:os";

/** Returns the bytes of memory that the processes of this server may use: the limit of the container (cgroup), or that of the host. */
export function readMemoryLimit(): number {
  return findMemoryLimit(process.constrainedMemory(), totalmem());
}

/**
 * Returns the lower of two limits.
 *
 * @param constrained limit of the cgroup in bytes: 0 if unknown, a huge number if there is none
 * @param total memory of the host in bytes
 */
export function findMemoryLimit(constrained: number, total: number): number {
  return constrained > 0 ? Math.min(constrained, total) : total;
}
