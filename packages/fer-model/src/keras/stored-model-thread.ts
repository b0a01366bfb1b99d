/** The thread of `StoredModel`. What it loads, each model waits for: errors alone of `@fer/core`, and zip where it is one. */
import { basename } from "node:path";
import { workerData } from "node:worker_threads";
import { FormatError } from "@fer/core/errors";
import type { File as Hdf5File } from "h5wasm";
import { answerAll, type ThreadAnswer } from "../thread.js";
import { readH5Layers, readModelConfig } from "./h5-weights.js";
import { readHdf5, readTensor } from "./hdf5.js";
import { readModelFile } from "./read-model-file.js";
import type { KerasArchive } from "./keras-archive.js";
import type { Question, StoredSource } from "./stored-model.js";
import { readV3Layers } from "./v3-weights.js";

const { path, whole } = workerData as StoredSource;
const name = basename(path);
const bytes = await readModelFile(path);
const archive = whole && isZip() ? await readArchive() : undefined;

await readHdf5(archive?.weights ?? bytes, {
  name,
  read: (file) => answerAll<Question>((question) => answerTo(question, file)),
});

/** Whether the file begins as a zip archive does. */
function isZip(): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b;
}

async function readArchive(): Promise<KerasArchive> {
  const { readKerasArchive } = await import("./keras-archive.js");
  return readKerasArchive(bytes, name);
}

function answerTo(question: Question, file: Hdf5File): ThreadAnswer {
  switch (question.ask) {
    case "config":
      return { value: archive?.config ?? readModelConfig(file) };
    case "layers": {
      const { layers } = question;
      const stored = readH5Layers(file, name) ?? readV3Layers(file, { layers, name });
      if (stored === undefined) throw otherLayout(file.keys());
      return { value: stored };
    }
    case "values": {
      const values = question.tensors.map((tensor) => readTensor(file, { tensor, file: name }));
      return { value: values, transfer: values.map(({ buffer }) => buffer as ArrayBuffer) };
    }
  }
}

function otherLayout(groups: readonly string[]): FormatError {
  return new FormatError({
    code: "NOT_KERAS_WEIGHTS",
    subject: name,
    found: `an HDF5 file without the attribute layer_names and without layers (groups: ${groups.slice(0, 5).join(", ") || "none"})`,
    expected: "weights as Keras 2 or 3 saves them",
    fix: 'Save them in Keras with `model.save_weights("name.weights.h5")`',
  });
}
