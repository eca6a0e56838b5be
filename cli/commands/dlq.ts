/** `squall dlq`: dead letters are looked at, sent again, or given up. @module */
import { Command } from 'commander';
import { drop } from '../dlq/drop.js';
import { withFilters } from '../dlq/filters.js';
import { list } from '../dlq/list.js';
import { replay } from '../dlq/replay.js';
import { show } from '../dlq/show.js';
import { wholeNumber, withRunOptions } from './run.js';

const LIMIT_DEFAULT = 50;

export function dlqCommand(): Command {
  const dlq = new Command('dlq').description(
    'Dead letters: messages that a run gave up. List them, show one, send them again, or drop them.',
  );
  for (const command of [listCommand(), showCommand(), replayCommand(), dropCommand()])
    dlq.addCommand(command);
  return dlq.addHelpText(
    'after',
    '\nExample:\n  $ squall dlq list canonicalize\n  $ squall dlq replay canonicalize',
  );
}

const listCommand = (): Command =>
  withFilters(named(new Command('list').description('Count them by reason, and list the newest.')))
    .option('--limit <number>', 'list so many at most', wholeNumber(0, 1_000_000), LIMIT_DEFAULT)
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  $ squall dlq list canonicalize --component parse --since 2h',
    )
    .action(list);

const showCommand = (): Command =>
  named(
    new Command('show').description(
      'Show all of one; of its message only how long it is, and built.',
    ),
  )
    .argument('<id>', 'from "squall dlq list"')
    .option('--reveal', 'show the message in clear; who, when, which and why is logged first')
    .option('--reason <text>', 'why it must be seen')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  $ squall dlq show canonicalize worker-0-65537-1.1 --reveal --reason "ticket 4711"',
    )
    .action(show);

const dropCommand = (): Command =>
  withFilters(
    named(new Command('drop').description('Remove some for good. Refused while a run uses them.')),
  )
    .argument('[id...]', 'these')
    .option('--all', 'all of them, also those that cannot be read')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  $ squall dlq drop canonicalize --until 30d')
    .action(drop);

const replayCommand = (): Command =>
  withFilters(
    withRunOptions(
      new Command('replay')
        .description(
          'Send them through the topology as it is now: all, or some. Those that are acked are removed, the others stay with their new reason.',
        )
        .argument('<topology>', TOPOLOGY)
        .argument('[id...]', 'these'),
    ),
  )
    .option('--json', 'print one JSON object at the end, and nothing else, on stdout')
    .addHelpText(
      'after',
      `
Example:
  $ squall dlq replay canonicalize --component parse --set format=apache-combined

Exit codes: 0 all acked, 1 failed, 2 usage or invalid topology, 3 some are dead letters again, or stay.
Give the parameters of the run with --set. Its sources are not read, and its commits stay as they are.`,
    )
    .action(replay);

const TOPOLOGY = 'a name (see "squall catalog"), or the path of a file';

const named = (command: Command): Command =>
  command
    .argument('<topology>', `${TOPOLOGY}; with --state any text`)
    .option('--state <dir>', 'the state folder of its runs (default: .squall/<topology>)');
