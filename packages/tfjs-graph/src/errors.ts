import { FerError } from "@fer/core";

/**
 * Thrown on purpose by every function of this package.
 *
 * @example
 * ```ts
 * import { GraphError } from "@fer/tfjs-graph";
 *
 * const error = new GraphError({ code: "DISPOSED", subject: "step", found: "it was disposed", fix: "Prepare a new one" });
 * console.log(error.message); // step: it was disposed. Prepare a new one.
 * ```
 */
export class GraphError extends FerError {
  override readonly name = "GraphError";
}
