/** All adapters by name: one line a dataset. `test/datasets` checks that folder, record and documentation agree. */
import type { DatasetAdapter } from "../adapter.js";
import { afew } from "./afew.js";
import { affectnet } from "./affectnet.js";
import { affwild2 } from "./affwild2.js";
import { ckplus } from "./ckplus.js";
import { emotionet } from "./emotionet.js";
import { expw } from "./expw.js";
import { fer2013 } from "./fer2013.js";
import { ferplus } from "./ferplus.js";
import { folders } from "./folders.js";
import { jaffe } from "./jaffe.js";
import { kdef } from "./kdef.js";
import { list } from "./list.js";
import { rafd } from "./rafd.js";
import { rafdb } from "./rafdb.js";
import { sfew2 } from "./sfew2.js";

export const adapters: Readonly<Record<string, DatasetAdapter>> = {
  afew,
  affectnet,
  affwild2,
  ckplus,
  emotionet,
  expw,
  fer2013,
  ferplus,
  folders,
  jaffe,
  kdef,
  list,
  rafd,
  rafdb,
  sfew2,
};
