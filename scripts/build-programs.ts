// Makes one file of each program, and of what several share: `node scripts/build-programs.ts <folder>`.
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { programSources } from '@causeway/sandbox/program-files';
import { rolldown } from 'rolldown';
import { withPlaces } from './program-places.ts';

/** They look for their machine code beside themselves. */
const NATIVE = new Set(['sodium-native', 'msgpackr-extract']);
const workspace = join(import.meta.dirname, '..');
const folder = process.argv[2];
if (folder === undefined) throw new RangeError('usage: node scripts/build-programs.ts <folder>');

const sources = Object.entries(programSources).map(([name, file]) => [name, join(workspace, file)] as const);
const programs = new Map(sources.map(([name, file]) => [file, name]));
const build = await rolldown({
  cwd: workspace,
  input: Object.fromEntries(sources),
  platform: 'node',
  plugins: [
    {
      name: 'native',
      resolveId: (id, from) =>
        NATIVE.has(id) && from !== undefined
          ? { id: createRequire(from).resolve(id), external: 'absolute' }
          : null,
    },
    {
      name: 'places',
      transform: (text, file) => {
        const ours = file.endsWith('.ts') && !file.includes('/node_modules/');
        return ours && text.includes('import.meta') ? { code: withPlaces(text, file, programs) } : null;
      },
    },
  ],
  // A package that we did not write evaluates text.
  checks: { eval: false },
});
// What an earlier build has left beside; a program that runs has loaded what it needs.
rmSync(folder, { recursive: true, force: true });
await build.write({
  dir: folder,
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: '[name]-[hash].js',
});
await build.close();
