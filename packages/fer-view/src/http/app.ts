/** The routes of the page, and what holds for all of them. */
import { FerError } from "@fer/core";
import { HttpProblem } from "@fer/core/http";
import { fastify, type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { problemOf } from "../artifacts/catalog.js";
import type { Refusal } from "../protocol.js";
import type { AppParts } from "./app-parts.js";
import { addDataRoutes } from "./data-routes.js";
import { addPageRoutes } from "./page-routes.js";
import { addRunRoutes } from "./run-routes.js";
import { REFUSED, withoutToken } from "./token.js";

/** Bytes of a body: a verdict is the longest. */
const BODY = 64 * 1024;
/** Milliseconds that a request may take to arrive. */
const ARRIVAL = 10_000;

/** A browser runs the page's own script and style, and asks this server alone. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HEADERS = {
  "content-security-policy": POLICY,
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
  // The address lets in whoever has it.
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
};

/** Makes it; it does not listen yet. */
export function makeApp(parts: AppParts): FastifyInstance {
  const { token, callers, catalog } = parts;
  const app = fastify({
    bodyLimit: BODY,
    requestTimeout: ARRIVAL,
    http: { headersTimeout: ARRIVAL, connectionsCheckingInterval: 1000 },
    forceCloseConnections: true,
    rewriteUrl: ({ url = "/" }) => withoutToken(url, token),
  });
  app.setErrorHandler((error: Error, ...[, reply]) => answerError(error, { reply, catalog }));
  app.setNotFoundHandler((request, reply) => answerError(notFound(request), { reply, catalog }));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, app.getDefaultJsonParser("error", "error"));
  app.addHook("onRequest", async ({ headers }, reply) => {
    reply.headers(HEADERS);
    callers.checkCaller(headers);
  });
  addPageRoutes(app);
  addRunRoutes(app, parts);
  addDataRoutes(app, parts);
  return app;
}

function notFound({ url }: FastifyRequest): HttpProblem {
  if (url === REFUSED)
    return new HttpProblem(401, {
      code: "NO_TOKEN",
      message: "Open the address that fer view has printed, all of it",
    });
  return new HttpProblem(404, { code: "NO_ROUTE", message: "There is no such page" });
}

async function answerError(
  error: Error,
  { reply, catalog }: { reply: FastifyReply } & Pick<AppParts, "catalog">,
): Promise<FastifyReply> {
  if (error instanceof HttpProblem) return refuse(reply.headers(error.headers), { ...error, ...error.problem });
  if (error instanceof FerError)
    return refuse(reply, { statusCode: 422, code: error.code, message: problemOf(error, catalog) });
  const { statusCode = 500, code } = error as FastifyError;
  if (statusCode < 500) return refuse(reply, { statusCode, code, message: error.message });
  return refuse(reply, { statusCode: 500, code: "FAILED", message: "It cannot be shown" });
}

function refuse(
  reply: FastifyReply,
  { statusCode, code, message }: { statusCode: number; code: string; message: string },
): FastifyReply {
  return reply.code(statusCode).send({ error: { code, message } } satisfies Refusal);
}
