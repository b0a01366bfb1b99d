/** People and groups of a user's own pictures: nobody else knows whether two folders show the same people. */
import { z } from "zod";
import { OWN_GROUP_SPACE } from "@fer/core/image-folder";

/** The option. */
export const GroupSpace = z
  .string()
  .regex(/^[\w.-]+$/, "letters, digits, dots, dashes and underscores")
  .optional()
  .describe(
    "Name that all own datasets with the same people share, so that p1 is the same person in them (default: the name of the folder or archive)",
  );

/** Of two datasets that nobody said share people, the people are different ones. */
export const ownGroupSpace = ({ groupSpace }: { groupSpace?: string | undefined }, name: string): string =>
  groupSpace ?? `${OWN_GROUP_SPACE}${name}`;
