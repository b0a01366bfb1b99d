import { z } from "zod";
import { MOST_THREADS } from "./most-threads.js";

/** The option `workers`, which means the same everywhere. */
export const Workers = z
  .number()
  .int()
  .min(0)
  .max(64)
  .default(0)
  .describe(`Threads that decode pictures; 0 takes one a core, at most ${MOST_THREADS}. Does not change the result`);
