import { expect, test } from '@jest/globals';
import { Ledger, type Settler } from '../../../runtime/ledger/ledger.js';

test('a root that ends with another one when a worker is lost is told once', () => {
  const ledger = new Ledger(4);
  const ended: string[] = [];
  const slots = new Map<string, number>();
  const settler: Settler = {
    settled(message) {
      ended.push(String(message));
      // As a batch of rows that fails does to them.
      if (message === 'batch')
        ledger.fail(slots.get('row')!, ledger.generation(slots.get('row')!), {
          kind: 'worker-lost',
        });
    },
  };
  for (const name of ['batch', 'row']) {
    const slot = ledger.open(settler, name, 0, 0);
    slots.set(name, slot);
    ledger.sentAway(slot, ledger.generation(slot));
  }
  ledger.failSentAway({ kind: 'worker-lost' });
  expect(ended).toEqual(['batch', 'row']);
  expect(ledger.pending).toBe(0);
});
