/** Most threads that are taken without being asked for. Apart from what starts them, which loads the thread pool. */
export const MOST_THREADS = 8;
