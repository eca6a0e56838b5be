/** `squall top`: what a cluster does now, on a terminal. @module */
import { Command } from 'commander';
import type { TopologyStatus, TopologySummary } from '../../runtime/nimbus/status.js';
import { Client } from '../client.js';
import { clusterOption, type ClusterOptions } from '../cluster-folder.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { Screen } from '../screen.js';
import { listLines, statusLines } from '../topology-text.js';

interface TopOptions extends ClusterOptions {
  readonly json?: true;
}

export const topCommand = (): Command =>
  new Command('top')
    .description(
      'Show all topologies, or the components of one, as they are now. On a terminal it goes on until q; otherwise it prints once.',
    )
    .argument('[topology]', 'its name: see "squall list"')
    .addOption(clusterOption())
    .option('--json', 'print once, as JSON')
    .addHelpText('after', '\nExample:\n  $ squall top web')
    .action(top);

async function top(name: string | undefined, options: TopOptions): Promise<void> {
  const views = viewsOf(await Client.of(options), name);
  const isLive = process.stdout.isTTY && options.json === undefined;
  if (isLive) return live(views, name);
  for await (const view of views) {
    const text = options.json ? JSON.stringify(view.of) : view.lines.join('\n');
    process.stdout.write(`${text}\n`);
    return;
  }
}

async function live(views: AsyncIterable<View>, name: string | undefined): Promise<void> {
  const screen = new Screen();
  try {
    const shown = (async () => {
      for await (const { lines } of views) screen.draw([...lines, '', 'q ends']);
      return true;
    })();
    const isGone = await Promise.race([shown, screen.left.then(() => false)]);
    if (isGone) throw new CommandError(`${name} was killed.`, EXIT.failed);
  } finally {
    screen.close();
  }
}

/** What is seen at one time. */
interface View {
  readonly of: readonly TopologySummary[] | TopologyStatus;
  readonly lines: readonly string[];
}

async function* viewsOf(client: Client, name: string | undefined): AsyncGenerator<View> {
  if (name === undefined)
    for await (const each of client.watchAll()) {
      const busiest = [...each].sort((a, b) => b.rates.emitted - a.rates.emitted);
      yield { of: busiest, lines: listLines(busiest) };
    }
  else
    for await (const each of client.watch(name))
      yield { of: each, lines: statusLines(sorted(each)) };
}

/** Spouts first; then whoever takes most of its workers' time. */
const sorted = (status: TopologyStatus): TopologyStatus => ({
  ...status,
  components: [...status.components].sort(
    (a, b) => Number(b.role === 'spout') - Number(a.role === 'spout') || b.capacity - a.capacity,
  ),
});
