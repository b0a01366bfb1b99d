/**
 * Runs on an MLflow tracking server, by its REST interface (version 2.0): options as parameters, an epoch's numbers as
 * metrics at its step, scores of the test part as metrics, pictures and small files of the run as artifacts.
 */
import { EngineError } from "@fer/core";
import { type HistoryRow, RUN_FILES, RunFolder } from "@fer/core/run";
import { basename, resolve } from "node:path";
import { z } from "zod";
import { MlflowServer, type ServerMetric, type ServerRun } from "./mlflow-server.js";
import { picturesOf } from "./pictures.js";
import { flatOptions, runFacts, type TrackedTraining, type Tracker, trackedScores } from "./tracker.js";

export interface MlflowOptions extends TrackedTraining {
  /** Experiment that the run belongs to, made where it is not there; default MLFLOW_EXPERIMENT_NAME, or `fer`. */
  experiment?: string | undefined;
  /** Told once when the server does not answer: training goes on, and the end tells it everything. */
  onNote?: ((text: string) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** Tag that tells a resumed training's run from others. */
const FOLDER_TAG = "fer.run";

const ExperimentAnswer = z.object({ experiment: z.object({ experiment_id: z.string() }) });
const CreatedExperiment = z.object({ experiment_id: z.string() });
const RunAnswer = z.object({ info: z.object({ run_id: z.string(), artifact_uri: z.string(), status: z.string() }) });
const CreatedRun = z.object({ run: RunAnswer });
const FoundRuns = z.object({ runs: z.array(RunAnswer).default([]) });
const MetricHistory = z.object({ metrics: z.array(z.object({ step: z.coerce.number() })).default([]) });

/**
 * Tracks a training on a server. A training that was interrupted goes on in its run: the one that is unfinished and has
 * the tag `fer.run` of this folder.
 *
 * @param url Such as `http://127.0.0.1:5000`; a name and password in it are sent as basic authentication, else the
 *   environment's MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.
 * @throws OptionsError for an address that is none. The server's absence stops no training: `finish` alone throws
 *   EngineError `NO_TRACKING`.
 * @example
 * ```ts not run: it wants an MLflow server
 * import { openSet } from "@fer/core/set";
 * import { FerTrainer, mlflow } from "@fer/model";
 *
 * const set = await openSet("features/mix");
 * const trainer = new FerTrainer({ to: "runs/first", epochs: 2, architecture: "tiny" });
 * const tracker = mlflow("http://127.0.0.1:5000", { to: "runs/first", options: trainer.optionsFor(set).options });
 * const run = await trainer.fit(set, { callbacks: [tracker.callback] });
 * await tracker.finish(run, { set });
 * ```
 */
export function mlflow(
  url: string,
  {
    to,
    name = basename(to),
    options,
    experiment = process.env["MLFLOW_EXPERIMENT_NAME"] ?? "fer",
    onNote,
    signal,
  }: MlflowOptions,
): Tracker {
  const server = new MlflowServer(url, signal);
  /** Epochs that the server has; `null` as long as it has not answered. */
  let opened: { run: ServerRun; told: Set<number> } | null = null;
  let isSilent = false;
  const open = async (isKept = false): Promise<{ run: ServerRun; told: Set<number> }> => {
    if (opened !== null) return opened;
    const found = await findRun(server, { experiment, folder: resolve(to), name, options, isKept });
    opened = { run: found, told: await stepsOf(server, found) };
    return opened;
  };
  const tell = async (rows: readonly HistoryRow[]): Promise<void> => {
    const { run, told } = await open();
    const fresh = rows.filter(({ epoch }) => !told.has(epoch));
    await server.metrics(run, fresh.flatMap(epochMetrics));
    for (const { epoch } of fresh) told.add(epoch);
  };
  return {
    place: `${server.shown}, experiment ${experiment}`,
    callback: {
      name: "mlflow",
      async onEpochEnd(row) {
        if (isSilent) return;
        await tell([row]).catch((error: unknown) => {
          if (signal?.aborted === true || !(error instanceof EngineError)) throw error;
          isSilent = true;
          onNote?.(`${error.message} Training goes on; it is told everything in the end.`);
        });
      },
    },
    async finish(run, { set }) {
      const { run: there } = await open(run.reused);
      if (there.isFinished) return;
      await tell(run.history);
      const { metrics, config, history, folder } = run;
      await server.params(there, runFacts(config));
      if (metrics !== null) {
        const step = history.length;
        await server.metrics(
          there,
          trackedScores(metrics).map(([key, value]) => ({ key, value, step })),
        );
        const pictures = await picturesOf({ folder, metrics }, { set, signal });
        for (const [key, { png }] of Object.entries(pictures))
          await server.artifact(there, { name: `${key}.png`, bytes: png });
      }
      const files = await RunFolder.open(folder);
      for (const file of [RUN_FILES.config, RUN_FILES.model, RUN_FILES.metrics, RUN_FILES.historyCsv]) {
        const bytes = await files.bytes(file);
        if (bytes !== null) await server.artifact(there, { name: file, bytes });
      }
      await server.post("runs/update", { run_id: there.id, status: "FINISHED", end_time: Date.now() });
    },
  };
}

interface RunQuery {
  experiment: string;
  folder: string;
  name: string;
  options: TrackedTraining["options"];
  isKept: boolean;
}

/** The run of this folder that is not finished, or a new one; a finished one only where the run was kept as it is. */
async function findRun(
  server: MlflowServer,
  { experiment, folder, name, options, isKept }: RunQuery,
): Promise<ServerRun> {
  const experimentId = await experimentOf(server, experiment);
  const value = folder.replaceAll("'", "");
  const search = {
    experiment_ids: [experimentId],
    filter: `tags.\`${FOLDER_TAG}\` = '${value}'${isKept ? "" : " AND attributes.status = 'RUNNING'"}`,
    order_by: ["attributes.start_time DESC"],
    max_results: 1,
  };
  const [found] = FoundRuns.parse(await server.post("runs/search", search)).runs;
  if (found !== undefined) return serverRun(found);
  const tags = [{ key: FOLDER_TAG, value }];
  const create = { experiment_id: experimentId, run_name: name, start_time: Date.now(), tags };
  const made = serverRun(CreatedRun.parse(await server.post("runs/create", create)).run);
  await server.params(made, flatOptions(options));
  return made;
}

const serverRun = ({ info }: z.infer<typeof RunAnswer>): ServerRun => ({
  id: info.run_id,
  artifacts: info.artifact_uri,
  isFinished: info.status === "FINISHED",
});

async function experimentOf(server: MlflowServer, name: string): Promise<string> {
  const found = await server.get("experiments/get-by-name", { experiment_name: name });
  if (found !== null) return ExperimentAnswer.parse(found).experiment.experiment_id;
  return CreatedExperiment.parse(await server.post("experiments/create", { name })).experiment_id;
}

/** Epochs of which the server has the loss. */
async function stepsOf(server: MlflowServer, { id }: ServerRun): Promise<Set<number>> {
  const found = await server.get("metrics/get-history", { run_id: id, metric_key: "loss", max_results: "25000" });
  return new Set(MetricHistory.parse(found ?? {}).metrics.map(({ step }) => step));
}

const epochMetrics = ({ epoch, ...values }: HistoryRow): ServerMetric[] =>
  Object.entries(values).flatMap(([key, value]) => (value === null ? [] : [{ key, value, step: epoch }]));
