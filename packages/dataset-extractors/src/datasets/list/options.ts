/** Options of the adapter for a user's own list. */
import { z } from "zod";
import { FolderMap } from "../../readers/class-folders.js";
import { OwnData } from "../../readers/own-data.js";

const column = (name: string, what: string) => z.string().min(1).default(name).describe(`Column with ${what}`);

export const ListOptions = z.strictObject({
  file: z.string().nullable().default(null).describe("The list, relative to the folder, where there are several"),
  path: column("path", "the path of the picture, relative to the folder or to the list"),
  label: column("label", "the label"),
  subject: column("subject", "the id of the person, if there is one"),
  group: column("group", "an id of what must stay together (clip, photo), if there is one"),
  split: column("split", "train, val or test, if there is one"),
  box: z
    .string()
    .regex(
      /^(none|(size|corners):[^,]+(,[^,]+,[^,]+,[^,]+)?)$/,
      "none, size:<x>,<y>,<width>,<height> or corners:<left>,<top>,<right>,<bottom>, or size:<column> or corners:<column>",
    )
    .nullable()
    .default(null)
    .describe(
      "Columns with the face box: size:x,y,width,height or corners:x1,y1,x2,y2 (one column if it holds all four numbers), or none (default: found by their usual names)",
    ),
  map: FolderMap.optional().describe("What each label means, e.g. 0=anger; other labels are left out and counted"),
  ...OwnData.shape,
});
export type ListOptions = z.infer<typeof ListOptions>;

/** Names of the columns that have a meaning of their own. */
export const ownColumns = ({ path, label, subject, group, split }: ListOptions): string[] => [
  path,
  label,
  subject,
  group,
  split,
];
