import { cpus } from 'node:os';

/** What the numbers were measured on. */
export const machine = (): string =>
  `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`;
