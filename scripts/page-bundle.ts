import { rolldown } from 'rolldown';

/**
 * One script for a page: an entry with all that it needs, `#crypto` in JavaScript. Throws where something of
 * it cannot run in a page, so that nothing is left out in silence.
 */
export async function pageBundle(entry: string, format: 'esm' | 'iife' = 'esm'): Promise<string> {
  const build = await rolldown({
    input: entry,
    platform: 'browser',
    resolve: { conditionNames: ['browser', 'import', 'default'] },
    onLog: (level, { message }) => {
      if (level === 'warn') throw new Error(message);
    },
  });
  try {
    const { output } = await build.generate({ format, minify: true });
    const [script] = output;
    if (output.length !== 1) throw new Error(`${entry} is bundled into ${output.length} files`);
    return script.code;
  } finally {
    await build.close();
  }
}
