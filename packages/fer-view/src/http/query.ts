/** What stands behind the question mark. */
import { HttpProblem } from "@fer/core/http";
import { z } from "zod";
import { MOST_RUNS } from "../protocol.js";

const Path = z.string().min(1).max(4096);
const One = z.object({ path: Path });
const Several = z.object({
  path: z.union([Path.transform((path) => [path]), z.array(Path).max(MOST_RUNS)]).default([]),
});

/** A query that fits. @throws HttpProblem 400 */
export function checked<S extends z.ZodType>(query: unknown, schema: S): z.output<S> {
  const parsed = schema.safeParse(query);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new HttpProblem(400, { code: "BAD_QUERY", message: `${issue.path.join(".") || "query"}: ${issue.message}` });
}

/** `?path=` @throws HttpProblem 400 */
export const pathIn = (query: unknown): string => checked(query, One).path;

/** None, one or several `path=`. @throws HttpProblem 400 */
export const pathsIn = (query: unknown): string[] => checked(query, Several).path;
