import { once } from 'node:events';
import { DEMO_BUREAUS, Federation, publishIslands } from '@causeway/sandbox';
import { EXIT } from '../exit-codes.ts';
import type { CommandContext } from '../main.ts';
import { portBaseOf } from '../port-base.ts';
import { urlLines } from '../views/url-view.ts';

/** Starts the story's federation with its bureaus' files published, and keeps it running until Ctrl-C. */
export async function run(
  { terminal, home }: CommandContext,
  _args: string[],
  options: Record<string, string>,
): Promise<number> {
  const redisUrl = process.env['REDIS_URL'];
  const federation = await Federation.start({
    home,
    portBase: portBaseOf(options),
    bureaus: DEMO_BUREAUS,
    onProgress: (step) => terminal.step(step),
    ...(redisUrl ? { redisUrl } : {}),
  });
  terminal.step('publishing the bureaus’ files');
  await publishIslands(federation, () => undefined);
  terminal.object({ urls: federation.card.urls, anchor: federation.card.anchor });
  for (const line of urlLines(federation.card)) terminal.line(line);
  terminal.step('running; Ctrl-C stops it');
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  terminal.step('stopping');
  await federation.stop();
  return EXIT.ok;
}
