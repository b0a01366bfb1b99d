/** What a server counts, for Prometheus. Nothing in it tells of a picture or a person. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

/** Seconds that a request took, by which they are counted. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const FACES = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/** Where the state of a server is read from. */
export interface Watched {
  underWay(): number;
  waiting(): number;
}

export class Metrics {
  readonly registry = new Registry();
  readonly requests: Counter<"route" | "status">;
  readonly seconds: Histogram<"route">;
  readonly images: Counter<"kind">;
  readonly faces: Counter;
  readonly batches: Histogram;
  readonly rejected: Counter<"reason">;
  readonly threads: Counter;

  constructor({ underWay, waiting }: Watched) {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.requests = new Counter({
      name: "fer_requests_total",
      help: "Requests by route and status",
      labelNames: ["route", "status"],
      registers,
    });
    this.seconds = new Histogram({
      name: "fer_request_seconds",
      help: "Seconds from the head of a request to the end of its answer",
      labelNames: ["route"],
      buckets: SECONDS,
      registers,
    });
    this.images = new Counter({
      name: "fer_images_total",
      help: "Pictures: crop is a face, photo was searched for faces, failed could not be looked at",
      labelNames: ["kind"],
      registers,
    });
    this.faces = new Counter({ name: "fer_faces_total", help: "Faces that were predicted", registers });
    this.batches = new Histogram({
      name: "fer_batch_faces",
      help: "Faces that the model was given at once",
      buckets: FACES,
      registers,
    });
    this.rejected = new Counter({
      name: "fer_rejected_total",
      help: "Requests that were sent away with 429",
      labelNames: ["reason"],
      registers,
    });
    this.threads = new Counter({
      name: "fer_threads_ended_total",
      help: "Threads that took too long, or failed, and were replaced",
      registers,
    });
    const gauge = (name: string, { help, read }: { help: string; read: () => number }): void => {
      // It reads when it is asked.
      void new Gauge({
        name,
        help,
        registers,
        collect: function () {
          this.set(read());
        },
      });
    };
    gauge("fer_requests_under_way", { help: "Requests for predictions that are under way", read: underWay });
    gauge("fer_waiting", { help: "Pictures and faces that wait for a thread", read: waiting });
  }
}
