export interface Block {
  /** As it stands behind the backticks; empty where nothing does. */
  language: string;
  /** Why it is not run. */
  reason: string | undefined;
  text: string;
  line: number;
}
export function blockInfo(info: string): Pick<Block, "language" | "reason">;
export function blocksOf(markdown: string): Block[];
export function commandsOf(text: string): string[];
