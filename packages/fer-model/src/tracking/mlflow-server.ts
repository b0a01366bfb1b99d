/** An MLflow tracking server, by its REST interface, version 2.0. */
import { EngineError, OptionsError } from "@fer/core";

/** Most that the server takes of a parameter's value, and parameters or metrics at once. */
const VALUE_LENGTH = 500;
const BATCH = 100;

/** What it refuses in names: `@fer/model` becomes `fer/model`. */
const NOT_IN_NAMES = /[^\w\-. :/]/g;

/** A run on a server. */
export interface ServerRun {
  id: string;
  isFinished: boolean;
  artifacts: string;
}

export interface ServerMetric {
  key: string;
  value: number;
  step: number;
}

/** A tracking server. */
export class MlflowServer {
  /** Its address, without name and password. */
  readonly shown: string;
  readonly #base: URL;
  readonly #headers: Record<string, string>;

  readonly #signal: AbortSignal | undefined;

  /** @throws OptionsError for an address that is none. */
  constructor(url: string, signal: AbortSignal | undefined) {
    this.#signal = signal;
    const base = addressOf(url);
    this.#headers = authorization(base);
    [base.username, base.password] = ["", ""];
    this.#base = base;
    this.shown = base.href.replace(/\/$/, "");
  }

  /** `null` where the server knows no such thing. */
  async get(path: string, query: Record<string, string>): Promise<unknown> {
    const answer = await this.#ask(`api/2.0/mlflow/${path}?${new URLSearchParams(query).toString()}`, {
      method: "GET",
    });
    return answer.status === 404 ? null : answer.json();
  }

  async post(path: string, body: object): Promise<unknown> {
    const init = { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } };
    return (await this.#ask(`api/2.0/mlflow/${path}`, init)).json();
  }

  async params({ id }: ServerRun, values: readonly [string, string][]): Promise<void> {
    const params = values.map(([key, value]) => ({
      key: key.replaceAll(NOT_IN_NAMES, ""),
      value: value.slice(0, VALUE_LENGTH),
    }));
    for (let at = 0; at < params.length; at += BATCH)
      await this.post("runs/log-batch", { run_id: id, params: params.slice(at, at + BATCH) });
  }

  async metrics({ id }: ServerRun, values: readonly ServerMetric[]): Promise<void> {
    const timestamp = Date.now();
    for (let at = 0; at < values.length; at += BATCH) {
      const metrics = values.slice(at, at + BATCH).map(({ key, value, step }) => ({ key, value, step, timestamp }));
      await this.post("runs/log-batch", { run_id: id, metrics });
    }
  }

  /** A file of the run. A server that keeps artifacts elsewhere than behind itself gets none. */
  async artifact({ artifacts }: ServerRun, { name, bytes }: { name: string; bytes: Uint8Array }): Promise<void> {
    if (!artifacts.startsWith("mlflow-artifacts:")) return;
    const folder = new URL(artifacts).pathname.replace(/^\/+/, "");
    await this.#ask(`api/2.0/mlflow-artifacts/artifacts/${folder}/${name}`, {
      method: "PUT",
      body: Buffer.from(bytes),
    });
  }

  async #ask(path: string, init: RequestInit): Promise<Response> {
    const limit = AbortSignal.timeout(10_000);
    const answer = await fetch(new URL(path, this.#base), {
      ...init,
      headers: { ...(init.headers as Record<string, string>), ...this.#headers },
      signal: this.#signal === undefined ? limit : AbortSignal.any([this.#signal, limit]),
    }).catch((cause: unknown) => {
      this.#signal?.throwIfAborted();
      throw this.#failed(cause instanceof Error ? reasonOf(cause) : String(cause), cause);
    });
    if (answer.ok || (answer.status === 404 && init.method === "GET")) return answer;
    throw this.#failed(`${answer.status} ${(await answer.text()).slice(0, 200)}`);
  }

  #failed(found: string, cause?: unknown): EngineError {
    return new EngineError({
      code: "NO_TRACKING",
      subject: `MLflow at ${this.shown}`,
      found,
      expected: "a tracking server that answers",
      fix: "Start it with mlflow server, or name another address",
      cause,
    });
  }
}

/** `fetch failed` tells nothing; what it was caused by does. */
const reasonOf = (error: Error): string => {
  const { cause } = error;
  return cause instanceof Error && cause.message !== "" ? cause.message : error.message;
};

function addressOf(url: string): URL {
  const base = URL.canParse(url) ? new URL(url) : null;
  if (base === null || !["http:", "https:"].includes(base.protocol)) {
    throw new OptionsError({
      code: "INVALID_OPTIONS",
      subject: "mlflow",
      found: `"${url}"`,
      expected: "the address of a tracking server, such as http://127.0.0.1:5000",
    });
  }
  if (!base.pathname.endsWith("/")) base.pathname += "/";
  return base;
}

function authorization({ username, password }: URL): Record<string, string> {
  const { MLFLOW_TRACKING_TOKEN: token, MLFLOW_TRACKING_USERNAME: name, MLFLOW_TRACKING_PASSWORD: word } = process.env;
  const basic = (user: string, secret: string): Record<string, string> => ({
    authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString("base64")}`,
  });
  if (username !== "") return basic(decodeURIComponent(username), decodeURIComponent(password));
  if (token !== undefined) return { authorization: `Bearer ${token}` };
  return name === undefined ? {} : basic(name, word ?? "");
}
