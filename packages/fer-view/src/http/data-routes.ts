/** Sets and datasets, their pictures, the review of labels, and the pages that other commands wrote. */
import { HttpProblem } from "@fer/core/http";
import { RUN_FILES } from "@fer/core/run";
import { Part } from "@fer/core/set";
import type { FastifyInstance, FastifyReply } from "fastify";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { pictureOf, PictureQuery, picturesOf, PicturesQuery } from "../datasets/pictures.js";
import type { DatasetAnswer } from "../protocol.js";
import { Review, ReviewQuery, VerdictBody } from "../review/review.js";
import { setAnswer } from "../sets/set-answer.js";
import { twinsOf } from "../sets/twins.js";
import type { AppParts } from "./app-parts.js";
import { checked, pathIn } from "./query.js";

const FaceQuery = z.object({ path: z.string().min(1), part: Part, row: z.coerce.number().int().min(0) });

/** What lies in the folder may have come from anywhere: it is shown, and does nothing. */
const FOREIGN = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'";

export function addDataRoutes(app: FastifyInstance, { catalog, sets, tested, options }: AppParts): void {
  const review = new Review({ catalog, tested, verdicts: options.verdicts });

  app.get("/api/set", async ({ query }) => setAnswer(catalog, pathIn(query)));
  app.get("/api/twins", async ({ query }) => twinsOf(await sets.get(pathIn(query))));
  app.get("/face", async ({ query }, reply) => {
    const { path, ...face } = checked(query, FaceQuery);
    return reply.type("image/png").send(await sets.picture(path, face));
  });

  app.get("/api/dataset", async ({ query }) => {
    const path = pathIn(query);
    return { path, info: await catalog.datasetInfo(path) } satisfies DatasetAnswer;
  });
  app.get("/api/pictures", async ({ query }) => picturesOf(catalog, checked(query, PicturesQuery)));
  app.get("/picture", async ({ query }, reply) => {
    const { bytes, type } = await pictureOf(catalog, checked(query, PictureQuery));
    return reply.type(type).header("content-security-policy", FOREIGN).send(bytes);
  });

  app.get("/api/review", async ({ query }) => review.list(checked(query, ReviewQuery)));
  app.post("/api/verdict", async ({ body }) => review.say(checked(body, VerdictBody)));

  app.get("/report.html", async ({ query }, reply) => {
    const path = pathIn(query);
    const { folder } = await catalog.run(path);
    return sendPage(reply, folder === null ? null : join(folder, RUN_FILES.report));
  });
  app.get("/set.html", async ({ query }, reply) => {
    const { folder, name } = await catalog.set(pathIn(query));
    return sendPage(reply, join(folder, `${name}.html`));
  });
}

async function sendPage(reply: FastifyReply, file: string | null): Promise<FastifyReply> {
  const bytes = file === null ? null : await readFile(file).catch(() => null);
  if (bytes === null) throw new HttpProblem(404, { code: "NOT_FOUND", message: "There is no such page" });
  return reply.type("text/html; charset=utf-8").header("content-security-policy", FOREIGN).send(bytes);
}
