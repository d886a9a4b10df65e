/**
 * What a bureau's process is started with, so that publishing takes as little memory as it needs (MB, for
 * Node): of its own accord V8 lets the two halves of its young space and what has died in the old one grow to
 * a few hundred MB before it looks. Some 50 MB of the old space are alive while a file is published.
 */
export const bureauHeap: readonly string[] = ['--max-semi-space-size=16', '--max-old-space-size=384'];
