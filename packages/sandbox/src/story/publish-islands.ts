import { readFile } from 'node:fs/promises';
import { debtsOf } from '../files/story-accounts.ts';
import { type IslandFile, islandFiles } from '../files/island-files.ts';
import type { Federation } from '../federation.ts';
import { sandboxSubjects } from '../people/persons.ts';
import type { NativeSystem } from '../natives/native-system.ts';
import { DEMO_BUREAUS } from '../plan.ts';
import type { Scene } from './story.ts';

/** The text of a mapping that comes with the sandbox. */
export function mappingText(name: string): Promise<string> {
  return readFile(new URL(`../../mappings/${name}.json`, import.meta.url), 'utf8');
}

/**
 * Each bureau publishes its own file, in its own format, through its own mapping; one with a native system
 * tells its roster instead. All at once.
 */
export async function publishIslands(
  federation: Pick<Federation, 'natives' | 'publisher'>,
  tell: (scene: Scene) => void,
): Promise<void> {
  const files = islandFiles(debtsOf(sandboxSubjects()));
  const natives = [...federation.natives];
  await Promise.all([
    ...files.map((file) => publishIsland(federation, file, tell)),
    ...natives.map(([bureau, { system }]) => enrol(federation, bureau, system, tell)),
  ]);
}

async function enrol(
  federation: Pick<Federation, 'publisher'>,
  bureau: string,
  { roster }: NativeSystem,
  tell: (scene: Scene) => void,
): Promise<void> {
  await federation.publisher(bureau).roster(roster);
  tell({ scene: 'enrolled', bureau, subjects: roster.length, name: nameOf(bureau) });
}

const nameOf = (bureau: string): string => DEMO_BUREAUS.find(({ id }) => id === bureau)?.legalName ?? bureau;

async function publishIsland(
  clients: Pick<Federation, 'publisher'>,
  file: IslandFile,
  tell: (scene: Scene) => void,
): Promise<void> {
  const publisher = clients.publisher(file.bureau);
  const mapping = await publisher.mapping(await mappingText(file.mapping));
  const result = await publisher.file(mapping, file.type, new TextEncoder().encode(file.text));
  if (result.rejected > 0)
    throw new Error(`${file.bureau} rejected ${result.rejected} lines of its own file`);
  tell({ scene: 'published', bureau: file.bureau, result, name: nameOf(file.bureau) });
}
