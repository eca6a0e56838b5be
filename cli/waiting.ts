/** Waits until a topology is as it was asked to be; what it is meanwhile goes to stderr. @module */
import type { TopologyStatus } from '../runtime/nimbus/status.js';
import { RefusedByNimbus, type Client } from './client.js';
import { printable } from './dlq/filters.js';
import { CommandError, EXIT } from './exit-codes.js';
import { stateText } from './topology-text.js';

/**
 * @param done of a topology whose last change is carried out
 * @throws CommandError when it fails, or is killed meanwhile; exit code 4 when nimbus goes
 */
export async function waitUntil(
  client: Client,
  name: string,
  done: (state: TopologyStatus['state'], status: TopologyStatus) => boolean,
): Promise<TopologyStatus> {
  const told = teller(name);
  for await (const status of client.watch(name)) {
    told(status);
    const { state, reason, reached, generation } = status;
    if (state === 'failed')
      throw new CommandError(`${name} failed: ${reason ?? 'its logs say why'}`, EXIT.failed);
    if (reached >= generation && done(state, status)) return status;
  }
  throw new CommandError(`${name} was killed.`, EXIT.failed);
}

/** Waits until it is no more. */
export async function waitUntilGone(client: Client, name: string): Promise<void> {
  const told = teller(name);
  try {
    for await (const status of client.watch(name)) told(status);
  } catch (error) {
    // It may be gone before it can be watched.
    if (!(error instanceof RefusedByNimbus && error.status === 404)) throw error;
  }
}

/** Says what is new, and what it waits for. */
function teller(name: string): (status: TopologyStatus) => void {
  let before = '';
  return (status) => {
    const { reason } = status;
    const text = `${name}: ${stateText(status)}${reason === null ? '' : `: ${printable(reason)}`}\n`;
    if (text !== before) process.stderr.write(text);
    before = text;
  };
}
