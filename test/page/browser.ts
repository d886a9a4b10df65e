import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** Root has no user namespace to put the sandbox in; what is opened here is our own. */
const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];

/** The machine's own Chromium, without a window. @throws Error where there is none on the PATH */
export async function startBrowser(): Promise<Browser> {
  const executablePath = onPath('chromium');
  if (executablePath === undefined) {
    throw new Error('no chromium on the PATH: install the Debian package chromium');
  }
  return await chromium.launch({ executablePath, args: ['--disable-dev-shm-usage', ...asRoot] });
}

function onPath(program: string): string | undefined {
  const places = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, program));
  return places.find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
