/** What becomes of the messages of a topology while it is struck. @module */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TopologyStatus } from '../../runtime/nimbus/status.js';
import type { Client } from '../client.js';
import { CommandError, EXIT } from '../exit-codes.js';

export interface Account {
  /** Messages that sources began. */
  readonly emitted: number;
  readonly acked: number;
  readonly deadLetters: number;
}

const PERIOD_MS = 500;
const REST_MS = 120_000;

/** Adds up, over the lives of workers and supervisors, how often messages were begun again. */
export class Replays {
  readonly #client: () => Promise<Client>;
  readonly #name: string;
  readonly #timer: NodeJS.Timeout;
  #replayed = 0;
  #inFlight = 0;
  #before = 0;

  constructor(client: () => Promise<Client>, name: string, { components }: TopologyStatus) {
    this.#client = client;
    this.#name = name;
    this.#before = replayedIn(components);
    this.#timer = setInterval(() => void this.#look(), PERIOD_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** What was in flight when it was looked at last may be done again. */
  struck(): void {
    this.#replayed += this.#inFlight;
  }

  get atMost(): number {
    return this.#replayed;
  }

  async #look(): Promise<void> {
    const status = await this.#client()
      .then((client) => client.show(this.#name))
      .catch(() => undefined);
    if (status === undefined) return;
    const now = replayedIn(status.components);
    this.#replayed += Math.max(0, now - this.#before);
    this.#before = now;
    this.#inFlight = status.workerStatus.reduce((sum, { inFlight }) => sum + inFlight, 0);
  }
}

const replayedIn = (components: TopologyStatus['components']): number =>
  components.reduce((sum, { replayed }) => sum + replayed, 0);

export const accountOf = ({ emitted, acked, deadLetters }: TopologyStatus): Account => ({
  emitted,
  acked,
  deadLetters,
});

/** Has it begin no new message, waits until what is in flight is done, and lets it go on. @throws CommandError when it does not run any more */
export async function atRest(client: () => Promise<Client>, name: string): Promise<Account> {
  await (await client()).change(name, 'pause');
  const deadlineMs = performance.now() + REST_MS;
  for (;;) {
    const status = await (await client()).show(name);
    if (status.state !== 'paused' && status.state !== 'running' && status.state !== 'starting')
      throw new CommandError(`${name} is ${status.state}: ${status.reason ?? ''}`, EXIT.failed);
    const { emitted, acked, deadLetters, reached, generation } = status;
    const rests = reached === generation && emitted === acked + deadLetters;
    if ((rests && status.state === 'paused') || performance.now() > deadlineMs) {
      await (await client()).change(name, 'resume');
      return accountOf(status);
    }
    await sleep(PERIOD_MS);
  }
}
