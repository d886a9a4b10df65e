import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * A module's text for a file that holds many of them: where it names its own place it means that of its
 * source (a folder of migrations stays where it is), and where it names a program by its source it means the
 * file that this has become, which lies beside the one that is running.
 * @param programs file of a program -> its name
 */
export function withPlaces(text: string, file: string, programs: ReadonlyMap<string, string>): string {
  const folder = dirname(file);
  return text
    .replaceAll(/new URL\('(?<to>[^']+\.ts)', import\.meta\.url\)/gu, (whole: string, to: string) => {
      const name = programs.get(join(folder, to));
      return name === undefined ? whole : `new URL('./${name}.js', import.meta.PROGRAMS)`;
    })
    .replaceAll('import.meta.dirname', JSON.stringify(folder))
    .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(file).href))
    .replaceAll('import.meta.PROGRAMS', 'import.meta.url');
}
