/** What graphs are lowered to: the half of an engine that stays in the caller's thread. */
import type { Graph } from "../capture/graph.js";
import type { HostOptions } from "../runtime/host.js";

/** A captured graph under the name that it is run by. */
export interface NamedGraph {
  name: string;
  graph: Graph;
  /** Name of an output that has to be finite for anything to be written; null writes always. */
  guard: string | null;
}

export interface Target {
  /** For messages, e.g. `onnxruntime`. */
  readonly runtime: string;
  /** Where its programs run. */
  readonly host: HostOptions;
  /** Throws for a function that cannot be lowered. Functions that share variables are better checked together. */
  check(functions: readonly NamedGraph[]): void;
  /** The program that the host is given for a function that joins those before. */
  lower(added: NamedGraph): object;
  /** How often each op of the runtime occurs in what has been lowered so far: proof of what runs. */
  readonly opCounts: Readonly<Record<string, number>>;
}
