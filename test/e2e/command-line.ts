import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url));

/** What the `causeway` command exits with and says. */
export async function causeway(...args: string[]): Promise<{ exit: number; said: string }> {
  return await new Promise((resolve) => {
    execFile(process.execPath, [CLI, ...args], (error, stdout, stderr) => {
      resolve({ exit: error ? Number(error.code) : 0, said: stdout + stderr });
    });
  });
}
