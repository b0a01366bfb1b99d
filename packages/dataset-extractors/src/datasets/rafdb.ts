/**
 * RAF-DB (Li, Deng and Du 2017): the basic set (seven classes), the compound set (eleven, each named after two of them), and
 * copies of the basic set sorted into folders. Codes start at 1 with surprise; the split is the prefix of the name.
 */
import { defineAdapter } from "../adapter.js";
import { rafdbCopies } from "./rafdb/copies.js";
import { rafdbLists } from "./rafdb/lists.js";
import { RafDbOptions } from "./rafdb/options.js";

export const rafdb = defineAdapter({
  name: "rafdb",
  title: "RAF-DB",
  citation:
    "Li, Deng, Du, Reliable Crowdsourcing and Deep Locality-Preserving Learning for Expression Recognition in the Wild, CVPR 2017",
  licence: "On request; non-commercial research and education, no redistribution",
  homepage: "http://www.whdeng.cn/RAF/model1.html",
  access: "Request it from the owners by mail (whdeng.cn)",
  imageKind: "crop",
  groupKind: "none",
  groupSpace: "rafdb",
  splits: ["train", "test"],
  ownNames: true,
  verified: "real files",
  options: RafDbOptions,
  forms: [...rafdbLists, ...rafdbCopies],
});
