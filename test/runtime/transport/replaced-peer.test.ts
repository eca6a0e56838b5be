import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Sockets } from '../../../runtime/transport/sockets.js';
import { machine, type Socket } from '../../../runtime/world.js';

let folder: string;
const open: Sockets[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'squall-test-'));
});
afterEach(() => {
  for (const sockets of open.splice(0)) sockets.close();
  rmSync(folder, { recursive: true });
});

/** One life of a worker of two; tells in `seen` what it notices. */
class Life {
  readonly seen: string[] = [];
  readonly path: string;
  readonly epoch: number;
  readonly sockets: Sockets;
  readonly worker: number;
  /** What it dialled. */
  readonly dialled: Socket[] = [];

  constructor(worker: number, epoch: number) {
    const receiver = {
      row: () => {},
      ack: (slot: number) => this.seen.push(`ack ${slot}`),
      fail: () => {},
      mark: () => {},
    };
    const events = {
      received: () => {},
      taken: () => {},
      linked: () => this.seen.push('linked'),
      lost: (peer: number) => this.seen.push(`lost ${peer}`),
    };
    this.worker = worker;
    this.epoch = epoch;
    this.path = join(folder, `${worker}-${epoch}`);
    const connect: typeof machine.transport.connect = (options) => {
      const socket = machine.transport.connect(options);
      this.dialled.push(socket);
      return socket;
    };
    const world = { ...machine, transport: { ...machine.transport, connect } };
    this.sockets = new Sockets(worker, epoch, 2, receiver, events, world);
    open.push(this.sockets);
  }

  listen(): Promise<void> {
    return this.sockets.listen(this.path);
  }

  dial({ worker, epoch, path }: Life): void {
    this.sockets.dial(worker, epoch, path);
  }
}

async function lives(...of: [worker: number, epoch: number][]): Promise<Life[]> {
  const made = of.map(([worker, epoch]) => new Life(worker, epoch));
  for (const life of made) await life.listen();
  return made;
}

/** Waits for something that only sockets bring about; not beyond the end of the test, which has then failed. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition() && open.length > 0) await new Promise(setImmediate);
}

test('a peer that comes back before its end was noticed is lost first, and then linked anew', async () => {
  const [here, before, after] = (await lives([0, 1], [1, 2], [1, 3])) as [Life, Life, Life];
  here.dial(before);
  before.dial(here);
  await until(() => here.seen.includes('linked'));
  // It dies, and is told to be there again, before this process gets to see either.
  before.sockets.close();
  here.dial(after);
  after.dial(here);
  await until(() => after.seen.includes('linked') && here.seen.at(-1) === 'linked');
  expect(here.seen).toEqual(['linked', 'lost 1', 'linked']);
  here.sockets.outbox(1).ack(7, 0, 0, 0);
  here.sockets.outbox(1).flush();
  await until(() => after.seen.includes('ack 7'));
});

test('what an earlier life of a peer had sent off does not disturb the one that is linked', async () => {
  const [here, before, after] = (await lives([0, 1], [1, 2], [1, 3])) as [Life, Life, Life];
  here.dial(after);
  after.dial(here);
  await until(() => here.seen.includes('linked'));
  before.dial(here);
  here.dial(before);
  before.sockets.close();
  here.sockets.outbox(1).ack(7, 0, 0, 0);
  here.sockets.outbox(1).flush();
  await until(() => after.seen.includes('ack 7'));
  expect(here.seen).toEqual(['linked']);
});

test('a connection that breaks between two that live is lost to both, and made again', async () => {
  const [here, there] = (await lives([0, 1], [1, 2])) as [Life, Life];
  here.dial(there);
  there.dial(here);
  await until(() => [here, there].every(({ seen }) => seen.includes('linked')));
  here.dialled[0]!.destroy();
  await until(() => [here, there].every(({ seen }) => seen.at(-1) === 'linked' && seen.length > 2));
  expect([here.seen, there.seen]).toEqual([
    ['linked', 'lost 1', 'linked'],
    ['linked', 'lost 0', 'linked'],
  ]);
  there.sockets.outbox(0).ack(7, 0, 0, 0);
  there.sockets.outbox(0).flush();
  await until(() => here.seen.includes('ack 7'));
});
