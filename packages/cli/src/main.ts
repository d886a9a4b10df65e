#!/usr/bin/env node
import { Command } from 'commander';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { openTerminal, type Terminal } from './terminal.ts';

/** What every command gets beside its own arguments. */
export interface CommandContext {
  terminal: Terminal;
  home: string;
}

type Run = (context: CommandContext, args: string[], options: Record<string, string>) => Promise<number>;

const HOME_DEFAULT = '.causeway';

/** One command: its code is loaded only when it runs, so that --help and completion stay fast. */
function command(
  program: Command,
  usage: string,
  description: string,
  load: () => Promise<{ run: Run }>,
): Command {
  return program
    .command(usage)
    .description(description)
    .option('--json', 'print one JSON object and nothing else', process.env['npm_config_json'] === 'true')
    .option('--home <folder>', 'folder of the local federation', HOME_DEFAULT)
    .action(async (...given: unknown[]) => {
      const self = given.at(-1) as Command;
      const { json, home, ...options } = self.opts<
        { json: boolean; home: string } & Record<string, string>
      >();
      const terminal = openTerminal(json);
      process.exitCode = await guarded(terminal, async () => {
        const { run } = await load();
        return run({ terminal, home }, self.args, options);
      });
    });
}

async function guarded(terminal: Terminal, act: () => Promise<number>): Promise<number> {
  try {
    return await act();
  } catch (error) {
    const { errorView } = await import('./views/error-view.ts');
    process.stderr.write(`${errorView(error)}\n`);
    const code = exitCodeOf(error);
    const name = error instanceof Error && 'code' in error ? String(error.code) : 'failed';
    terminal.object({ error: name });
    return code;
  }
}

function commands(): Command {
  const causeway = new Command('causeway')
    .description('A federated credit-information exchange on your machine')
    .exitOverride((error) => process.exit(error.exitCode === 0 ? EXIT.ok : EXIT.usage));
  command(
    causeway,
    'up',
    'start a local federation and keep it running',
    () => import('./commands/up.ts'),
  ).option('--port-base <n>', 'first port of the federation', '7000');
  command(causeway, 'demo', 'tell the whole story on a local federation', () => import('./commands/demo.ts'))
    .option('--port-base <n>', 'first port of the federation', '7000')
    .option('--data <folder>', 'run the three islands of this folder instead of the story');
  command(
    causeway,
    'doctor',
    'check this machine and the local federation',
    () => import('./commands/doctor.ts'),
  );
  inquireCommand(causeway);
  publishingCommands(causeway);
  command(
    causeway,
    'consent <act>',
    'grant or revoke for a sandbox person',
    () => import('./commands/consent.ts'),
  )
    .requiredOption('--person <id>', 'sandbox person or enterprise')
    .option('--lender <member>', 'to whom', 'abc-bank')
    .option('--consent <id>', 'which consent to revoke')
    .option('--categories <list>', 'what it opens, such as SCORE,WATCHLIST; where absent, accounts')
    .option('--uses <n>', 'how many inquiries it allows', '1');
  command(causeway, 'history', 'who asked about a sandbox person', () => import('./commands/history.ts'))
    .requiredOption('--person <id>', 'sandbox person or enterprise')
    .option('--verify', 'check the proof of each line, and that the ledgers are those seen last')
    .option('--proofs <folder>', 'write the proof of each line, a file each, for any tool');
  command(
    causeway,
    'verify <file>',
    'check an evidence bundle or a proof file, offline',
    () => import('./commands/verify.ts'),
  )
    .option('--anchor <fingerprint>', "fingerprint of a version of the federation's root file")
    .option(
      '--leaf <digest>',
      'of a proof file: the leaf it should prove; where absent, the one it is named by',
    )
    .option('--ledger <member>', 'of a proof file: in whose ledger; where absent, the consumer service')
    .option(
      '--roots <file>',
      'root files since the bundle, where the anchor is younger: what /roots answers',
    );
  disputeCommands(causeway);
  fsckCommand(causeway);
  staffCommand(causeway);
  command(causeway, 'keys', 'the keys in the directory and their state', () => import('./commands/keys.ts'));
  return causeway;
}

function disputeCommands(causeway: Command): void {
  command(
    causeway,
    'dispute <act>',
    'open, list, show or withdraw disputes of a sandbox person',
    () => import('./commands/dispute.ts'),
  )
    // Required, and asked for by the command itself: a word that it does not know comes first.
    .option('--person <id>', 'sandbox person or enterprise')
    .option('--bureau <member>', 'to open: which bureau holds the item')
    .option('--record <id>', 'to open: the item, by the id that a report or the bureau gives it')
    .option('--reason <code>', 'to open: such as not_mine, wrong_amount, already_paid', 'other')
    .option('--text <text>', 'to open: what the bureau should know')
    .option('--dispute <id>', 'to show or withdraw: which one');
  command(
    causeway,
    'disputes <act>',
    'the desk of a bureau: list, show, forwarding, answer, correction, deletion, finding, extension, stop',
    () => import('./commands/disputes.ts'),
  )
    .option('--bureau <member>', 'whose desk')
    .option('--dispute <id>', 'which one')
    .option('--by <person>', "who of the bureau's people acts")
    .option('--text <text>', 'what the person is told, or what the provider has answered')
    .option('--set <json>', 'of a correction: the fields that are to be otherwise')
    .option('--outcome <code>', 'of a finding: unfounded or undetermined')
    .option('--reason <code>', 'of a stop: expert_test, person_absent or court');
}

function staffCommand(causeway: Command): void {
  command(
    causeway,
    'staff <act>',
    "show, set or clear by whom a member's staff sign in and as what; two officers sign",
    () => import('./commands/staff.ts'),
  )
    // Required, and asked for by the command itself: a word that it does not know comes first.
    .option('--member <id>', 'whose staff')
    .option('--roles <list>', 'to set: roles that the provider may give, such as inquiry_clerk,auditor')
    .option('--issuer <url>', 'to set: their identity provider; where absent, the one listed now')
    .option('--client <id>', 'to set: the client id there; where absent, the one listed now');
}

function fsckCommand(causeway: Command): void {
  command(
    causeway,
    'fsck',
    'prove every ledger of the local federation anew, from its database; or one, from what it serves',
    () => import('./commands/fsck.ts'),
  )
    .option('--url <url>', 'of a node, or of its ledger: prove what it serves to everybody')
    .option('--ledger <member>', 'with --url: whose it is; where absent, who listens there')
    .option('--anchor <fingerprint>', "with --url, of another federation: its root file's fingerprint")
    .option('--authority <url>', 'with --anchor: where its directory is');
}

function inquireCommand(causeway: Command): void {
  command(
    causeway,
    'inquire',
    'ask about a sandbox person under a consent',
    () => import('./commands/inquire.ts'),
  )
    .option('--lender <member>', 'who asks', 'abc-bank')
    .requiredOption('--person <id>', 'sandbox person or enterprise, such as li-na, or customer:<number>')
    .option('--purpose <code>', 'purpose of the inquiry', 'LOAN_APPROVAL')
    .option('--categories <list>', 'what is asked for, such as SCORE,WATCHLIST; where absent, accounts')
    .option('--native', 'show of each row its sources and their own codes')
    .option('--consent <digest>', 'digest of a consent; where absent the person is asked and approves')
    .option('--out <file>', 'where to write the evidence bundle');
}

function publishingCommands(causeway: Command): void {
  command(causeway, 'publish <file>', 'publish a file into a bureau', () => import('./commands/publish.ts'))
    .option('--bureau <member>', 'whose store; where absent, the bureau that the mapping names')
    .requiredOption('--mapping <file>', 'how to read the file')
    .option('--reject-file <out>', 'where to write the lines that were not taken');
  command(
    causeway,
    'check <file>',
    'check a file against a mapping, offline',
    () => import('./commands/check.ts'),
  )
    .requiredOption('--mapping <file>', 'how to read the file')
    .option('--preview <n>', 'show the first n lines beside what they become, masked')
    .option('--reject-file <out>', 'where to write the lines that would not be taken');
}

await commands().parseAsync();
