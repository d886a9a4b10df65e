/** FAULT_SEED repeats a run; without it each run strikes elsewhere. Printed where it is used. */
const given = Number(process.env['FAULT_SEED'] ?? 0);
export const SEED = given > 0 ? given : 1 + Math.floor(Math.random() * 1_000_000);

/** One line among the output of the tests. */
export const say = (line: string): void => void process.stderr.write(`${line}\n`);
