export { Callers, isLoopback } from "./callers.js";
export type { CallersOptions } from "./callers.js";
export { closeOnce } from "./close-once.js";
export { HttpProblem, Problem } from "./http-problem.js";
export { addressOf, cannotListen } from "./listening.js";
