import { cpus } from "node:os";

/** What computes here, such as `AMD EPYC 9354 32-Core Processor, 2 threads`: bytes may differ between two of them. */
export function processorName(): string {
  const all = cpus();
  return `${all[0]?.model.trim() ?? "unknown"}, ${all.length} threads`;
}
