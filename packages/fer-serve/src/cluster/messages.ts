/** What the processes of a server tell each other. */
import type { CarriedError } from "@fer/core/carried-error";
import type { ServeOptions } from "../options.js";
import type { ThreadSettings } from "../recognize/messages.js";

/** To a process that serves. */
export type ToWorker =
  | { fer: "serve"; options: ServeOptions; model: ThreadSettings["model"]; key: string | null; isLogged: boolean }
  | { fer: "stop" }
  | { fer: "metrics"; id: number; text: string };

/** From it. */
export type FromWorker =
  | { fer: "started" }
  | { fer: "listening"; url: string; port: number }
  | { fer: "failed"; failure: CarriedError }
  | { fer: "ask metrics"; id: number };
