/** Runs: what is known of one, its tested faces, and events while it is under way. */
import { HttpProblem } from "@fer/core/http";
import { openSet } from "@fer/core/set";
import { compareRuns } from "@fer/model";
import type { FastifyInstance } from "fastify";
import { join } from "node:path";
import { z } from "zod";
import { problemOf } from "../artifacts/catalog.js";
import { eventStream } from "../live/event-stream.js";
import type { CompareAnswer, LiveRun } from "../protocol.js";
import { liveRun } from "../runs/histories.js";
import { runAnswer } from "../runs/run-answer.js";
import { SampleQuery, samplesOf } from "../runs/samples.js";
import { testedAnswer } from "../runs/tested-answer.js";
import type { AppParts } from "./app-parts.js";
import { checked, pathIn, pathsIn } from "./query.js";

/** Draws of a comparison: a second or two for thousands of images. */
const RESAMPLES = 2000;

/** Milliseconds between two looks at the whole folder. */
const SELDOM = 2000;

const FaceQuery = z.object({ path: z.string().min(1), at: z.coerce.number().int().min(0) });

export function addRunRoutes(app: FastifyInstance, { catalog, live, tested, occlusions }: AppParts): void {
  app.get("/api/index", async () => catalog.index());
  app.get("/api/run", async ({ query }) => runAnswer(catalog, pathIn(query)));
  app.get("/api/tested", async ({ query }) => testedAnswer(await tested.get(pathIn(query))));
  app.get("/api/samples", async ({ query }) => {
    const asked = checked(query, SampleQuery);
    return samplesOf(await tested.get(asked.path), asked);
  });
  app.get("/api/occlusion", async ({ query }) => {
    const { path, at } = checked(query, FaceQuery);
    return occlusions.map(await tested.get(path), at);
  });
  app.get("/api/compare", async ({ query }, { raw }) => {
    const gone = new AbortController();
    raw.once("close", () => gone.abort());
    return compared(pathsIn(query), gone.signal);
  });

  /** Of the list, or of the runs that are named: what there is, and then what changes. */
  app.get("/api/live", async ({ query }, reply) => {
    const paths = pathsIn(query);
    for (const path of paths) await catalog.run(path);
    eventStream(reply, (send) => {
      const stops =
        paths.length === 0
          ? [live.watch("index", { look: () => catalog.index(), every: SELDOM, tell: (json) => send("index", json) })]
          : paths.map((path) =>
              live.watch(`run ${path}`, { look: () => lookAt(path), tell: (json) => send("run", json) }),
            );
      return () => stops.forEach((stop) => stop());
    });
    return reply;
  });

  async function lookAt(path: string): Promise<LiveRun> {
    try {
      return await liveRun(catalog, await catalog.run(path));
    } catch (error) {
      const state = error instanceof HttpProblem && error.statusCode === 404 ? "interrupted" : "unreadable";
      return { path, state, epochs: null, curves: [], problem: problemOf(error, catalog) };
    }
  }

  async function compared(paths: readonly string[], signal: AbortSignal): Promise<CompareAnswer> {
    const places = await Promise.all(paths.map((path) => catalog.run(path)));
    const folders = places.map(({ folder, path }) => {
      if (folder !== null) return folder;
      throw new HttpProblem(404, { code: "NOT_TESTED", message: `${path} is not finished` });
    });
    const [first] = paths;
    const path = first === undefined ? null : (await tested.get(first)).set;
    const place = path === null ? null : await catalog.set(path);
    const set = place === null ? undefined : await openSet(join(place.folder, place.name));
    try {
      const { runs, ...comparison } = await compareRuns(folders, { set, resamples: RESAMPLES, signal });
      for (const [at, run] of runs.entries()) run.run = paths[at]!;
      return { ...comparison, runs };
    } finally {
      set?.close();
    }
  }
}
