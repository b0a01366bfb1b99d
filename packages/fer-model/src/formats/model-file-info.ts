/**
 * What a file of a model does not say by itself: which grey levels go in and which class comes out where. It comes from
 * options, from `<model>.fer.json` beside the file, from the `model.json` of an export of ours, from what our own files
 * hold, or from a table of known files; nothing is guessed.
 */
import { expressionNamed, FormatError, OptionsError } from "@fer/core";
import { hashFile } from "@fer/core/artifact";
import { ModelInfo, RUN_FILES } from "@fer/core/run";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { ExportedModel } from "./exported-model.js";
import { KNOWN_MODELS } from "./known-models.js";

/** `<model>.fer.json`. */
export const ModelFileInfo = z.strictObject({
  /** For people. */
  name: z.string().optional(),
  /** Class names in output order. */
  classes: z.array(z.string()).min(2).optional(),
  /** Edge of the square input image in pixels. */
  size: z.number().int().positive().optional(),
  channels: z.literal([1, 3]).optional(),
  /** The model sees `pixel * scale + offset`, pixels being raw 0..255. */
  scale: z.number().optional(),
  offset: z.number().optional(),
  /** Whether the outputs are probabilities, or become so by softmax. */
  output: z.enum(["probabilities", "logits"]).optional(),
  /** What it was trained on, in words. */
  trainedOn: z.string().optional(),
});
export type ModelFileInfo = z.infer<typeof ModelFileInfo>;

/** What is known of a file, and from where. */
export interface KnownInfo {
  info: ModelFileInfo;
  /** Of our own exports: standardising and scaling is in the file. */
  source: "none" | "fer.json" | "export" | "table";
}

/** Looks beside a file and into the table. @throws FormatError where what lies beside it is of another form. */
export async function knownInfo(path: string): Promise<KnownInfo> {
  const side = `${path}.fer.json`;
  const text = await readFile(side, "utf8").catch(() => null);
  if (text !== null) return { info: parsed(text, side), source: "fer.json" };
  const exported = await exportBeside(path);
  if (exported !== null) return { info: exported, source: "export" };
  const { sha256 } = await hashFile(path);
  const known = KNOWN_MODELS[sha256];
  return known === undefined ? { info: {}, source: "none" } : { info: known, source: "table" };
}

function parsed(text: string, path: string): ModelFileInfo {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new FormatError({ code: "NOT_JSON", subject: path, found: "text that is not JSON", cause });
  }
  const result = ModelFileInfo.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path: at, message }) => `${at.join(".") || "top"}: ${message}`);
  throw new FormatError({
    code: "BAD_MODEL_INFO",
    subject: path,
    found: problems.join("; "),
    expected: "classes, size, channels, scale, offset; output, name and trainedOn where wanted",
  });
}

/** `model.json` of an export of ours in a folder; `null` where there is none. */
export async function exportIn(folder: string): Promise<ExportedModel | null> {
  const text = await readFile(join(folder, RUN_FILES.model), "utf8").catch(() => null);
  try {
    return text === null ? null : (ExportedModel.safeParse(JSON.parse(text)).data ?? null);
  } catch {
    return null;
  }
}

/** What an export of ours says of a file in it; `null` where there is none, or of another file. */
async function exportBeside(path: string): Promise<ModelFileInfo | null> {
  const exported = await exportIn(dirname(path));
  if (exported === null || exported.export.file !== basename(path)) return null;
  const { size, channels, classes } = exported;
  return { size, channels, classes, scale: 1, offset: 0, trainedOn: "a run of fer" };
}

/** What the file itself tells of its input, where it does. */
export interface InputShape {
  size: number | null;
  channels: number | null;
  /** Number of outputs. */
  classes: number | null;
}

/** Flags by what they give. */
const FLAGS = {
  classes: "--classes neutral,anger,...",
  size: "--size 48",
  channels: "--channels 1",
  scale: "--scale 0.00784",
  offset: "--offset -1",
} as const;

export type CompleteInfo = Required<Pick<ModelFileInfo, "classes" | "size" | "channels" | "scale" | "offset">> &
  Pick<ModelFileInfo, "output" | "trainedOn">;

/**
 * What a model takes and gives, whole.
 *
 * @throws OptionsError `UNKNOWN_INPUT` that lists what is missing and the flags; where what is said does not fit the file.
 */
export function completeInfo(
  path: string,
  { given, known, shape }: { given: ModelFileInfo; known: ModelFileInfo; shape: InputShape },
): CompleteInfo {
  const said = { ...known, ...given };
  const found = {
    ...said,
    size: said.size ?? shape.size ?? undefined,
    channels: said.channels ?? (shape.channels as 1 | 3 | null) ?? undefined,
  };
  const missing = (Object.keys(FLAGS) as (keyof typeof FLAGS)[]).filter((key) => found[key] === undefined);
  if (missing.length > 0) {
    throw new OptionsError({
      code: "UNKNOWN_INPUT",
      subject: path,
      found: `it does not say ${missing.join(", ")}`,
      expected: `${missing.map((key) => FLAGS[key]).join(" ")}, or a file ${basename(path)}.fer.json beside it with these keys`,
      fix: "The model is given pixel * scale + offset, pixels being 0 to 255; classes in the order of its outputs",
    });
  }
  const info = found as CompleteInfo;
  const refuse = (what: string, { is, said: claim }: { is: number; said: number }): never => {
    throw new OptionsError({
      code: "INPUT_DOES_NOT_FIT",
      subject: path,
      found: `${what} ${claim}`,
      expected: `${is}, as the model has it`,
    });
  };
  if (shape.size !== null && shape.size !== info.size) refuse("size", { is: shape.size, said: info.size });
  if (shape.channels !== null && shape.channels !== info.channels)
    refuse("channels", { is: shape.channels, said: info.channels });
  if (shape.classes !== null && shape.classes !== info.classes.length)
    refuse("number of classes", { is: shape.classes, said: info.classes.length });
  return { ...info, classes: info.classes.map((name) => expressionNamed(name) ?? name) };
}

/** As the info of a run, of one view. */
export const modelInfoOf = (info: CompleteInfo, parameters: number | null): ModelInfo => ({
  schema: 1,
  architecture: "custom",
  size: info.size,
  channels: info.channels,
  scale: info.scale,
  offset: info.offset,
  standardize: false,
  views: 1,
  classes: info.classes,
  // 0 where they are not known, as of an ONNX file.
  parameters: parameters ?? 0,
});
