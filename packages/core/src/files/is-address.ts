/** Whether a word is an address (`https://...`) where a path is expected. */
export const isAddress = (word: string): boolean => /^[a-z][a-z\d+.-]+:\/\//i.test(word);
