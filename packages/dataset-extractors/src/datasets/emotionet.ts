/**
 * EmotioNet (Fabian Benitez-Quiroz et al. 2016): lists of URLs with one-hot emotion categories or with action units;
 * never pictures. They lie where the user downloaded them, named by the last two parts of the URL or by the last one.
 * There is no neutral class. Columns are found by name: their order differs between copies.
 */
import { defineAdapter } from "../adapter.js";
import { actionUnits } from "./emotionet/action-units.js";
import { categories } from "./emotionet/categories.js";
import { EmotioNetOptions } from "./emotionet/options.js";

export const emotionet = defineAdapter({
  name: "emotionet",
  title: "EmotioNet",
  citation:
    "Fabian Benitez-Quiroz, Srinivasan, Martinez, EmotioNet: An Accurate, Real-Time Algorithm for the Automatic Annotation of a Million Facial Expressions in the Wild, CVPR 2016",
  licence: "On request; research, non-commercial",
  homepage: "https://cbcsl.ece.ohio-state.edu/EmotionNetChallenge/",
  access: "Request the URL lists from the owners, then download the pictures",
  imageKind: "photo",
  groupKind: "photo",
  groupSpace: "emotionet",
  splits: ["train", "val", "all"],
  ownNames: true,
  verified: "synthetic only",
  options: EmotioNetOptions,
  forms: [categories, ...actionUnits],
});
