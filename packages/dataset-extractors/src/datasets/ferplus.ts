/**
 * FER+ (Barsoum et al. 2016): ten votes for each image of FER2013. The votes come in two files that disagree on 1,602
 * images (`fer2013new.csv`, and `label.csv` beside pngs), so they are two forms.
 */
import { defineAdapter } from "../adapter.js";
import { joined } from "./ferplus/joined.js";
import { labelCsv, pngNames } from "./ferplus/png-export.js";
import { FerPlusOptions } from "./ferplus/votes.js";

export const ferplus = defineAdapter({
  name: "ferplus",
  title: "FER+",
  citation:
    "Barsoum, Zhang, Canton Ferrer, Zhang, Training Deep Networks for Facial Expression Recognition with Crowd-Sourced Label Distribution, ICMI 2016",
  licence: "Labels MIT (microsoft/FERPlus); images as FER2013, treat as research only",
  homepage: "https://github.com/microsoft/FERPlus",
  access: "Labels from the authors' repository, images from FER2013",
  imageKind: "crop",
  groupKind: "none",
  groupSpace: "fer2013",
  splits: ["train", "val", "test"],
  ownNames: true,
  verified: "real files",
  options: FerPlusOptions,
  forms: [joined, labelCsv, pngNames],
});
