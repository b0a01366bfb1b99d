/** The routes of a server, and what holds for all of them. */
import { HttpProblem } from "@fer/core/http";
import swagger from "@fastify/swagger";
import {
  fastify,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from "fastify";
import { jsonSchemaTransform, validatorCompiler } from "fastify-type-provider-zod";
import { createRequire } from "node:module";
import type { OpenAPIV3_1 } from "openapi-types";
import type { z } from "zod";
import type { ServeOptions } from "../options.js";
import { type Recognizers, type SeenPicture } from "../recognize/recognizers.js";
import { ThreadEnded, TookTooLong } from "../recognize/thread.js";
import { type Access } from "./access.js";
import { Admission, tooLong } from "./admission.js";
import { Failure, ModelAnswer, PREDICT_CONTENT, PredictQuery, Predictions, StateAnswer } from "./answers.js";
import type { Metrics } from "./metrics.js";
import { PAGE_POLICY, renderPage } from "./page.js";
import { FORM_TYPE, JSON_TYPE, picturesOf } from "./pictures-of.js";

/** Milliseconds that the head of a request may take to arrive. */
const HEAD_TIME = 10_000;
/** Milliseconds that a connection may wait for its next request. */
const KEEP_ALIVE = 30_000;

/** Where lines of the log go. */
export interface LogStream {
  write(line: string): unknown;
}

export interface AppParts {
  options: ServeOptions;
  access: Access;
  recognizers: Recognizers;
  metrics: Metrics;
  admission: Admission;
  log: LogStream | undefined;
  /** Text of `/metrics`: of this process, or of all that share the port. */
  metricsText(): Promise<string>;
  /** Whether the server has been told to stop. */
  isStopping(): boolean;
}

declare module "fastify" {
  interface FastifyRequest {
    /** Fires where the client is gone, or the time is up. */
    whileWanted: AbortSignal | null;
  }
}

/** Makes it; it does not listen yet. */
export async function makeApp(parts: AppParts): Promise<FastifyInstance> {
  const { options, access, log } = parts;
  const app = fastify({
    logger:
      log === undefined || options.log === "silent"
        ? false
        : { level: options.log, stream: log as never, base: { pid: process.pid } },
    // Its own lines hold addresses of requests and of people.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: Math.floor(options.maxBody * 1e6),
    requestTimeout: Math.ceil(options.timeout * 1000),
    keepAliveTimeout: KEEP_ALIVE,
    http: { headersTimeout: Math.min(HEAD_TIME, Math.ceil(options.timeout * 1000)), connectionsCheckingInterval: 1000 },
    forceCloseConnections: "idle",
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.setErrorHandler(answerError(parts));
  app.setNotFoundHandler(notFound);
  app.removeAllContentTypeParsers();
  const bodies = [JSON_TYPE, FORM_TYPE, "application/octet-stream", /^image\//];
  for (const type of bodies)
    app.addContentTypeParser(type, { parseAs: "buffer" }, async (_request: unknown, body: Buffer) => body);
  app.decorateRequest("whileWanted", null);
  app.addHook("onRequest", async ({ headers }) => access.checkCaller(headers));
  app.addHook("onSend", async ({ headers }, reply) => {
    reply.headers({ "x-content-type-options": "nosniff", "cache-control": "no-store" });
    const { origin } = headers;
    if (access.isNamedOrigin(origin)) reply.headers({ "access-control-allow-origin": origin, vary: "origin" });
    if (parts.isStopping()) reply.header("connection", "close");
  });
  app.addHook("onResponse", async (request, reply) => record(parts, { request, reply }));
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "@fer/serve",
        version: VERSION,
        description: "Finds faces in pictures and names their expressions. Pictures are neither kept nor logged.",
      },
      components: { securitySchemes: { key: { type: "http", scheme: "bearer" } } },
    },
    transform: describe as never,
  });
  await app.register(async (routes) => addRoutes(routes, parts));
  await app.ready();
  return app;
}

/** A route as the document has it; the forms of a body are its own affair, which Fastify does not check. */
function describe(route: Parameters<typeof jsonSchemaTransform>[0]): ReturnType<typeof jsonSchemaTransform> {
  const { schema, url } = jsonSchemaTransform(route);
  return { schema: "consumes" in schema ? { ...schema, body: { content: PREDICT_CONTENT } } : schema, url };
}

const VERSION = (createRequire(import.meta.url)("../../package.json") as { version: string }).version;

/** What is told of a request when it is over: nothing of its content, its address beyond the route, or who sent it. */
function record({ metrics }: AppParts, { request, reply }: { request: FastifyRequest; reply: FastifyReply }): void {
  const route = request.routeOptions.url ?? "none";
  const status = reply.statusCode;
  metrics.requests.inc({ route, status });
  metrics.seconds.observe({ route }, reply.elapsedTime / 1000);
  const line = { method: request.method, route, status, ms: Math.round(reply.elapsedTime * 10) / 10 };
  if (route.startsWith("/v1/") || status >= 400) request.log.info(line, "request");
  else request.log.debug(line, "request");
}

function addRoutes(app: FastifyInstance, parts: AppParts): void {
  const { options, access, recognizers, isStopping } = parts;
  const secured = access.needsKey ? { security: [{ key: [] }] } : {};
  const checkKey = async ({ headers }: FastifyRequest): Promise<void> => access.checkKey(headers);

  app.post<{ Querystring: z.output<typeof PredictQuery> }>(
    "/v1/predict",
    {
      schema: {
        summary: "Faces of pictures, and their expressions",
        description: `The body is a picture file, a form of picture files, or JSON with picture files in base64: at most ${options.maxImages} pictures, ${options.maxBody} MB, and ${options.maxPixels} million pixels each. Of several pictures, those that cannot be looked at say why; the others are predicted all the same.`,
        consumes: Object.keys(PREDICT_CONTENT),
        querystring: PredictQuery,
        response: { 200: Predictions, ...FAILURES },
        ...secured,
      },
      onRequest: [checkKey, async (request, reply) => admit(parts, { request, reply })],
    },
    async (request, reply) => {
      const pictures = await picturesOf(request, options);
      const signal = request.whileWanted!;
      const { faces } = request.query;
      const seen = await Promise.all(pictures.map((bytes) => recognizers.recognize({ bytes, faces }, { signal })));
      return answerPictures(parts, { seen, reply });
    },
  );
  app.options("/v1/predict", { schema: { hide: true } }, async ({ headers }, reply) => {
    if (access.isNamedOrigin(headers.origin))
      reply.headers({
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": "authorization, content-type",
        "access-control-max-age": "600",
      });
    return reply.code(204).header("allow", "POST, OPTIONS").send();
  });
  app.get(
    "/v1/model",
    {
      schema: { summary: "What the model takes and gives", response: { 200: ModelAnswer, 401: Failure }, ...secured },
      onRequest: checkKey,
    },
    async () => modelAnswer(recognizers),
  );
  app.get(
    "/healthz",
    { schema: { summary: "Whether the process lives", response: { 200: StateAnswer } } },
    async () => ({ status: "ok" }),
  );
  app.get(
    "/readyz",
    { schema: { summary: "Whether it takes requests", response: { 200: StateAnswer, 503: StateAnswer } } },
    async (_request, reply) => {
      if (recognizers.isReady && !isStopping()) return { status: "ready" };
      return reply.code(503).send({ status: isStopping() ? "stopping" : "starting" });
    },
  );
  app.get(
    "/metrics",
    { schema: { summary: "Figures for Prometheus", ...secured }, onRequest: checkKey },
    async (_request, reply) => reply.type(parts.metrics.registry.contentType).send(await parts.metricsText()),
  );
  app.get("/openapi.json", { schema: { hide: true } }, async (_request, reply) =>
    reply.type("application/json").send(JSON.stringify(app.swagger())),
  );
  app.get("/docs", { schema: { hide: true } }, async (_request, reply) =>
    reply
      .type("text/html; charset=utf-8")
      .header("content-security-policy", PAGE_POLICY)
      .send(renderPage(app.swagger() as OpenAPIV3_1.Document)),
  );
}

const FAILURES = {
  400: Failure,
  401: Failure,
  403: Failure,
  413: Failure,
  415: Failure,
  422: Failure,
  429: Failure,
  503: Failure,
};

function modelAnswer({ model }: Recognizers): z.input<typeof ModelAnswer> {
  const { architecture, classes, size, channels, views, parameters } = model;
  return { architecture, classes, size, channels, views, parameters };
}

/** Takes a request in, and tells it apart from one that nobody waits for any more. */
function admit(
  { options, admission }: AppParts,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
): void {
  const length = request.headers["content-length"];
  const leave = admission.enter(length === undefined ? undefined : Number(length));
  const wanted = new AbortController();
  const late = (): void => wanted.abort(tooSlow(options.timeout));
  const timer = setTimeout(late, options.timeout * 1000);
  request.whileWanted = wanted.signal;
  reply.raw.once("close", () => {
    clearTimeout(timer);
    leave();
    if (!reply.raw.writableFinished) wanted.abort(GONE);
  });
}

const tooSlow = (seconds: number): HttpProblem =>
  new HttpProblem(503, {
    code: "TOO_SLOW",
    message: `It was not done within ${seconds} s`,
    headers: { "retry-after": "5" },
  });

/** Nobody gets this answer. */
const GONE = new HttpProblem(499, { code: "CLIENT_GONE", message: "The client is gone" });

/** Status of a picture that cannot be looked at. */
const STATUS = { BAD_IMAGE: 422, TOO_MANY_PIXELS: 413 } as const;

function answerPictures(
  { metrics }: AppParts,
  { seen, reply }: { seen: readonly SeenPicture[]; reply: FastifyReply },
): unknown {
  let first: HttpProblem | undefined;
  let failed = 0;
  for (const picture of seen) {
    if ("problem" in picture) {
      failed += 1;
      first ??= new HttpProblem(STATUS[picture.problem.code], picture.problem);
      metrics.images.inc({ kind: "failed" });
      continue;
    }
    metrics.images.inc({ kind: picture.faces[0]?.box === null ? "crop" : "photo" });
    metrics.faces.inc(picture.faces.length);
  }
  if (first !== undefined && failed === seen.length) throw first;
  return reply.send({ images: seen.map((picture) => ("problem" in picture ? { error: picture.problem } : picture)) });
}

/** What Fastify refuses, in our words. */
const REFUSALS: Readonly<Record<string, { code: string; message: string }>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: "UNSUPPORTED_TYPE",
    message: `Expected Content-Type: image/*, application/octet-stream, ${FORM_TYPE} or ${JSON_TYPE}`,
  },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: "NO_BODY", message: "The request has no body: send a picture" },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { code: "BAD_LENGTH", message: "The body is not as long as Content-Length says" },
  FST_ERR_VALIDATION: { code: "BAD_QUERY", message: "Expected ?faces=auto, crop or detect, and nothing else" },
};

const answerError = ({ options, isStopping }: AppParts) =>
  function (
    this: FastifyInstance,
    ...[error, request, reply]: [FastifyError | Error, FastifyRequest, FastifyReply]
  ): void {
    const problem = problemOf(error, options);
    if (problem.statusCode >= 500 && !(error instanceof HttpProblem))
      request.log.error({ err: error }, isStopping() ? "cut off" : "failed");
    // What is left of the body is not waited for.
    if (problem.statusCode === 413 || problem.statusCode === 429) reply.header("connection", "close");
    void reply.code(problem.statusCode).headers(problem.headers).send({ error: problem.problem });
  };

function problemOf(error: FastifyError | Error, { timeout, maxBody }: ServeOptions): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof TookTooLong) return tooSlow(timeout);
  if (error instanceof ThreadEnded)
    return new HttpProblem(503, {
      code: "INTERRUPTED",
      message: "The work was cut off: ask again",
      headers: { "retry-after": "1" },
    });
  const { code = "", statusCode = 500 } = error as FastifyError;
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") return tooLong(maxBody);
  const refusal = REFUSALS[code];
  if (refusal !== undefined) return new HttpProblem(statusCode, refusal);
  if (statusCode >= 400 && statusCode < 500)
    return new HttpProblem(statusCode, { code: "BAD_REQUEST", message: error.message });
  return new HttpProblem(500, { code: "INTERNAL", message: "This is a bug of the server; its log says more" });
}

/** Paths that there are, with their method. */
const METHODS: Readonly<Record<string, string>> = {
  "/v1/predict": "POST",
  "/v1/model": "GET",
  "/metrics": "GET",
  "/healthz": "GET",
  "/readyz": "GET",
  "/docs": "GET",
  "/openapi.json": "GET",
};

async function notFound(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const method = METHODS[request.url.split("?", 1)[0]!];
  if (method !== undefined)
    return reply
      .code(405)
      .header("allow", method)
      .send({ error: { code: "WRONG_METHOD", message: `Expected ${method}` } });
  return reply
    .code(404)
    .send({ error: { code: "NOT_FOUND", message: "There is nothing here; /docs says what there is" } });
}
