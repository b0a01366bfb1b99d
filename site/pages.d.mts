export interface PageSource {
  route: string;
  source: string;
  text?: string;
  cut?: boolean;
}
export const PARTS: { text: string; link: string; groups: { text: string; pages?: PageSource[]; made?: string }[] }[];
