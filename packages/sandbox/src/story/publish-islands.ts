import { readFile } from 'node:fs/promises';
import { debtsOf } from '../files/story-accounts.ts';
import { type IslandFile, islandFiles } from '../files/island-files.ts';
import type { Clients } from '../clients.ts';
import { sandboxSubjects } from '../people/persons.ts';
import { STORY_BUREAUS } from '../plan.ts';
import type { Scene } from './story.ts';

/** The text of a mapping that comes with the sandbox. */
export function mappingText(name: string): Promise<string> {
  return readFile(new URL(`../../mappings/${name}.json`, import.meta.url), 'utf8');
}

/** Each bureau publishes its own file, in its own format, through its own mapping. All three at once. */
export async function publishIslands(clients: Clients, tell: (scene: Scene) => void): Promise<void> {
  const files = islandFiles(debtsOf(sandboxSubjects()));
  await Promise.all(files.map((file) => publishIsland(clients, file, tell)));
}

async function publishIsland(
  clients: Clients,
  file: IslandFile,
  tell: (scene: Scene) => void,
): Promise<void> {
  const publisher = clients.publisher(file.bureau);
  const mapping = await publisher.mapping(await mappingText(file.mapping));
  const result = await publisher.file(mapping, file.type, new TextEncoder().encode(file.text));
  if (result.rejected > 0)
    throw new Error(`${file.bureau} rejected ${result.rejected} lines of its own file`);
  const name = STORY_BUREAUS.find(({ id }) => id === file.bureau)?.legalName ?? file.bureau;
  tell({ scene: 'published', bureau: file.bureau, result, name });
}
