/** What `fer inspect` shows of a file of a model: what goes in and comes out, its layers, and what is not known. */
import { describeModelFile, type ModelFileDescription } from "@fer/model";
import type { CommandResult } from "../command.js";
import { table } from "../output/table.js";

export async function inspectModelFile(path: string): Promise<CommandResult> {
  const description = await describeModelFile(path);
  return { text: render(description), json: description };
}

const SOURCES = {
  none: "",
  "fer.json": ", as the .fer.json beside it says",
  export: ", as the model.json beside it says",
  table: ", as the table of known files says",
};

function render({ path, format, input, outputs, parameters, layers, known }: ModelFileDescription): string {
  const { info, source } = known;
  const size = input.size ?? "any";
  const facts = [
    `${path}: ${format}${parameters === null ? "" : `, ${parameters.toLocaleString("en")} parameters`}`,
    `takes ${size} x ${size} x ${input.channels ?? "any"}, gives ${outputs ?? "any number of"} outputs`,
    info.classes === undefined
      ? "classes, scale and offset are not known: tell them with flags, or in a .fer.json beside it"
      : `classes ${info.classes.join(", ")}; pixel * ${info.scale} + ${info.offset}${SOURCES[source]}`,
  ];
  if (layers.length === 0) return facts.join("\n");
  const rows = layers.map((layer) => [
    layer.name,
    layer.className,
    layer.output.map((each) => each ?? "n").join(" x "),
    layer.parameters,
  ]);
  return [...facts, "", table(["layer", "class", "output", "parameters"], rows)].join("\n");
}
