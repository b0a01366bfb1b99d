/** The set: where it is from, how it was split, what was found in it. */
import { foldNumbers } from "@fer/core/run";
import type { SetInfo } from "@fer/core/set";
import { html, type Html, facts, table } from "@fer/core/html";
import { count, counted } from "../numbers.js";
import type { ReportData } from "../report-data.js";

export function data({ config, set }: ReportData, chart: Html | undefined): Html {
  const { train, val, test } = config.samples;
  const isOversampled = config.options["oversample"] === true;
  const used = `${counted(train, "image")} trained on, ${count(val)} to choose the epoch, ${count(test)} to test`;
  return html`<h2>Data</h2>
    ${chart} ${set !== null && parts(set)}
    ${facts([
      ["set", config.data.name],
      ["used", foldNumbers(config).length > 0 ? null : used],
      ["drawn", isOversampled ? drawnOf(config) : null],
      ["split", set === null ? config.data.policy : `${set.policy}${set.seed === null ? "" : `, seed ${set.seed}`}`],
      ["protocol", config.data.protocol ?? null],
      ["groups", set === null ? null : groupsOf(set)],
      ["images", set === null ? null : imagesOf(set)],
      ["sources", set === null ? null : set.sources.map(({ adapter, form }) => `${adapter} (${form})`).join(", ")],
      ["left out", set === null ? null : droppedOf(set)],
      ["across parts", set === null ? null : leaksOf(set)],
      ["fingerprint", config.data.fingerprint],
    ])}`;
}

/** What an epoch draws where the training part is oversampled. */
function drawnOf({ samples: { drawn } }: ReportData["config"]): string {
  const times = "those of small classes several times, so that every class is about as often";
  return drawn === undefined ? `in an epoch of each fold ${times}` : `${counted(drawn, "image")} in an epoch: ${times}`;
}

function parts(set: SetInfo): Html {
  const names = Object.keys(set.parts) as (keyof SetInfo["parts"])[];
  return table([{ title: "part" }, { title: "images", number: true }, { title: "groups", number: true }], {
    rows: names.map((name) => [name, count(set.parts[name]!.count), count(set.parts[name]!.groups)]),
  });
}

const groupsOf = ({ groupKind }: SetInfo): string =>
  groupKind === "none" ? "unknown" : groupKind === "subject" ? "people (subjects)" : `${groupKind}s, not people`;

function leaksOf({ leaks: { exact, near, groups, conflicts } }: SetInfo): string {
  const copies = [
    counted(exact, ["exact copy", "exact copies"]),
    near === null ? "near ones not looked for" : `${count(near)} near`,
  ];
  return `${copies.join(", ")}, ${counted(groups, "shared group")}, ${counted(conflicts, "image")} with two labels`;
}

function imagesOf({ image, imageKind }: SetInfo): string {
  const colour = image.channels === 1 ? "grey" : "RGB";
  const kind = imageKind === "crop" ? "cropped faces" : image.wholeImage ? "whole photos" : "photos";
  return `${kind}, ${image.size}×${image.size} ${colour}, non-square ones: ${image.fit}`;
}

function droppedOf({ dropped }: SetInfo): string {
  const entries = Object.entries(dropped).filter(([, images]) => images > 0);
  return entries.length === 0 ? "nothing" : entries.map(([name, images]) => `${count(images)} ${name}`).join(", ");
}
