/**
 * AffectNet (Mollahosseini, Hasani and Mahoor 2017). Four editions and several copies circulate under this name; each
 * is a form of its own. The codes are the same in all: 8 (None) is not neutral. No subject ids; "test" in papers is the
 * validation part.
 */
import { defineAdapter } from "../adapter.js";
import { classFolders } from "./affectnet/class-folders.js";
import { indexCsv } from "./affectnet/index-csv.js";
import { lists2017 } from "./affectnet/lists-2017.js";
import { npy2021 } from "./affectnet/npy-2021.js";
import { AffectNetOptions } from "./affectnet/options.js";
import { plus } from "./affectnet/plus.js";
import { yolo } from "./affectnet/yolo.js";

export const affectnet = defineAdapter({
  name: "affectnet",
  title: "AffectNet",
  citation:
    "Mollahosseini, Hasani, Mahoor, AffectNet: A Database for Facial Expression, Valence, and Arousal Computing in the Wild, IEEE TAC 2017",
  licence: "Request form; academic, non-commercial, one lab, no redistribution",
  homepage: "http://mohammadmahoor.com/affectnet/",
  access: "Request it from the owners with their form",
  imageKind: "crop",
  groupKind: "none",
  groupSpace: "affectnet",
  splits: ["train", "val", "test", "all"],
  ownNames: true,
  verified: "synthetic only",
  options: AffectNetOptions,
  forms: [lists2017, npy2021, plus, classFolders, yolo, indexCsv],
});
