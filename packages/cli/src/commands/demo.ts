import { once } from 'node:events';
import { join } from 'node:path';
import { DEMO_BUREAUS, Federation, Story, runBerka, type Scene } from '@causeway/sandbox';
import { EXIT } from '../exit-codes.ts';
import type { CommandContext } from '../main.ts';
import { portBaseOf } from '../port-base.ts';
import type { Terminal } from '../terminal.ts';
import { berkaLines } from '../views/berka-view.ts';
import { storyView } from '../views/story-view.ts';
import { urlLines } from '../views/url-view.ts';

/** The demo: the story in a terminal, or with --data the three islands of a folder of real records. */
export async function run(
  context: CommandContext,
  _args: string[],
  options: Record<string, string>,
): Promise<number> {
  const data = options['data'];
  return data === undefined
    ? tellStory(context, portBaseOf(options))
    : runIslands(context, data, portBaseOf(options));
}

async function tellStory({ terminal, home }: CommandContext, portBase: number): Promise<number> {
  const startedAtMs = startOfCommand();
  const onProgress = (step: string): void => terminal.step(step);
  const federation = await Federation.start({ home, portBase, bureaus: DEMO_BUREAUS, onProgress });
  let firstReportMs: number | undefined;
  const view = storyView(terminal);
  const tell = (scene: Scene): void => {
    if (scene.scene === 'report') firstReportMs ??= Date.now() - startedAtMs;
    view(scene);
  };
  try {
    const result = await new Story(federation, tell).run();
    const portal = `${federation.card.urls['consumer']}/history`;
    terminal.object({ first_report_ms: firstReportMs, ...result, portal });
    for (const line of urlLines(federation.card)) terminal.line(line);
    terminal.line(`her own page ${portal}   (sign in as 李娜)`);
    await linger(terminal);
    const { bundle_verified, proof_verified, tampered_bundle_rejected } = result;
    return bundle_verified && proof_verified && tampered_bundle_rejected ? EXIT.ok : EXIT.unverified;
  } finally {
    await federation.stop();
  }
}

async function runIslands(
  { terminal, home }: CommandContext,
  data: string,
  portBase: number,
): Promise<number> {
  const result = await runBerka({
    home: join(home, 'islands'),
    data,
    portBase,
    onProgress: (step) => terminal.step(step),
  });
  terminal.object(result);
  for (const line of berkaLines(result)) terminal.line(line);
  return result.complete === result.inquiries ? EXIT.ok : EXIT.partial;
}

/** The bootstrap says when the command began, so that set-up counts. */
function startOfCommand(): number {
  const given = Number(process.env['CAUSEWAY_COMMAND_STARTED_AT_MS']);
  return Number.isFinite(given) && given > 0 ? given : Date.now() - performance.now();
}

/** A person at a terminal can look around; a pipe or --json gets its prompt back. */
async function linger(terminal: Terminal): Promise<void> {
  if (terminal.json || !process.stdout.isTTY || !process.stdin.isTTY) return;
  terminal.step('the federation keeps running for you to look around; Ctrl-C stops it');
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
}
