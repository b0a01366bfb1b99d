/** What a server says where it does not do what it was asked: a status, a code for programs, a sentence for people. */
import { z } from "zod";

export const Problem = z.object({
  code: z.string().describe("Stable, for programs"),
  message: z.string().describe("For people"),
});

/** A refusal on purpose; it becomes the answer. */
export class HttpProblem extends Error {
  override readonly name = "HttpProblem";

  readonly problem: z.infer<typeof Problem>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly statusCode: number,
    { headers = {}, ...problem }: z.infer<typeof Problem> & { headers?: Readonly<Record<string, string>> },
  ) {
    super(problem.message);
    this.problem = problem;
    this.headers = headers;
  }
}
