/** Server-sent events: lines that a page gets while its connection stays open. */
import { HttpProblem } from "@fer/core/http";
import type { FastifyReply } from "fastify";

/** Pages that listen at once. */
const MOST = 200;
/** Milliseconds between two signs of life, so that neither side takes the connection for dead. */
const BEAT = 15_000;

/** Bytes that may wait for a page that does not take them; then its connection ends, and it asks again once it lives. */
const MOST_WAITING = 1 << 22;

let open = 0;

/**
 * Opens a stream on the connection of a request.
 *
 * @param listen Gets what sends an event, and gives back what ends it once the page is gone.
 * @throws HttpProblem 429 where too many listen
 */
export function eventStream(
  reply: FastifyReply,
  listen: (send: (event: string, json: string) => void) => () => void,
): void {
  if (open >= MOST) throw new HttpProblem(429, { code: "FULL", message: "Too many pages listen; close some" });
  open += 1;
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, { ...reply.getHeaders(), "content-type": "text/event-stream" } as Record<string, string>);
  // So that the page knows that it listens.
  raw.write(": open\n\n");
  const stop = listen((event, json) => {
    if (raw.writableLength > MOST_WAITING) raw.destroy();
    else raw.write(`event: ${event}\ndata: ${json}\n\n`);
  });
  const timer = setInterval(() => void raw.write(": beat\n\n"), BEAT);
  raw.once("close", () => {
    open -= 1;
    clearInterval(timer);
    stop();
  });
}
