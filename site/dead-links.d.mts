/** Links of a site in a folder that lead to no file of it, or to no place of a page. */
export function deadLinks(folder: string): { pages: number; links: number; dead: string[] };
