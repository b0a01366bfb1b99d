/** Runs: the list, what is known of one, and events while one is under way. */
import { HttpProblem } from "@fer/core/http";
import type { FastifyInstance } from "fastify";
import { eventStream } from "../live/event-stream.js";
import { problemOf } from "../artifacts/catalog.js";
import { liveRun } from "../runs/histories.js";
import { runAnswer } from "../runs/run-answer.js";
import type { AppParts } from "./app.js";
import { pathIn, pathsIn } from "./query.js";

export function addRunRoutes(app: FastifyInstance, { catalog, live }: AppParts): void {
  app.get("/api/index", async () => catalog.index());
  app.get("/api/run", async ({ query }) => runAnswer(catalog, pathIn(query)));

  /** Of the list, or of the runs that are named: what there is, and then what changes. */
  app.get("/api/live", async ({ query }, reply) => {
    const paths = pathsIn(query);
    for (const path of paths) await catalog.run(path);
    eventStream(reply, (send) => {
      const stops =
        paths.length === 0
          ? [live.watch("index", { look: () => catalog.index(), tell: (json) => send("index", json) })]
          : paths.map((path) =>
              live.watch(`run ${path}`, { look: () => lookAt(path), tell: (json) => send("run", json) }),
            );
      return () => stops.forEach((stop) => stop());
    });
    return reply;
  });

  async function lookAt(path: string): Promise<unknown> {
    return liveRun(catalog, path).catch((error: unknown) => {
      const state = error instanceof HttpProblem && error.statusCode === 404 ? "interrupted" : "unreadable";
      return { path, state, epochs: null, curves: [], problem: problemOf(error) };
    });
  }
}
